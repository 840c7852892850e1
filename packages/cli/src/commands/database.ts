import { type ComparedPayment, type DatabaseState, LedgerError } from "@payapi/ledger";
import { type Command, form, type Report } from "../command.js";
import { consoleFile } from "../console-file.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import { actors, labels } from "../messages.js";
import { flag, required, statement, text as textOption } from "../options.js";
import { type Columns, fields, tableOf } from "../output.js";
import { coded, koreanTime, named, type Text, won } from "../text.js";

const transactionsHelp: Text = {
  en: "the console's transactions (CSV or JSON: status, oid, tid, price, payType)",
  ko: "관리자 화면에서 내려받은 거래 내역(CSV 또는 JSON: 상태, 주문번호, 거래번호, 금액, 결제수단)",
};

/** Whether calls are sent with this database, and its acceptance after a failover or a restore. */
export const database: Command = {
  name: "database",
  summary: {
    en: "whether the database is accepted for payments, and its acceptance after a failover or a restore",
    ko: "데이터베이스의 승인 여부 확인과, 장애 조치나 복원 후의 사용 승인",
  },
  notes: {
    en: "Exit code 3 while it is not accepted: nothing is sent then. Reading, resolving and notifications go on. Payments that a failover lost may be charged twice: accept it with the console's transactions, so that the ledger adopts what it lost.",
    ko: "승인되지 않았으면 종료 코드 3이며 결제와 취소가 전송되지 않습니다. 조회, 결과 기록, 알림은 계속됩니다. 사라진 결제는 다시 결제될 수 있으므로, 관리자 화면의 거래 내역과 함께 승인해 사라진 결제를 원장에 등록하세요.",
  },
  forms: [
    form({
      args: [],
      options: {},
      run: ({ settings }) =>
        withLedger(settings, async (ledger) =>
          report(await ledger.operations.database(), {
            en: "This is the database that was accepted last: calls are sent.",
            ko: "마지막으로 승인된 데이터베이스입니다. 정상적으로 전송됩니다.",
          }),
        ),
    }),
    form({
      args: ["compare"],
      options: { transactions: required(consoleFile(transactionsHelp)) },
      run: ({ settings, options }) =>
        withLedger(settings, async (ledger) =>
          comparison(await ledger.operations.compareTransactions(options.transactions)),
        ),
    }),
    form({
      args: ["accept"],
      options: {
        seen: required(
          textOption("DATABASE", {
            en: "the database you compared, as `payapi database` showed it",
            ko: "비교한 데이터베이스(`payapi database`가 표시한 값)",
          }),
        ),
        transactions: consoleFile(transactionsHelp),
        "not-compared": flag({
          en: "accept without the console's transactions: lost payments can then be charged twice",
          ko: "거래 내역과 비교하지 않고 승인(사라진 결제가 다시 결제될 수 있음)",
        }),
        ...statement,
      },
      run: async ({ settings, options: { "not-compared": isNotCompared, transactions: given, ...note } }) => {
        if ((given === undefined) !== (isNotCompared === true)) throw oneOfBoth();
        return withLedger(settings, async (ledger) => {
          const before = await ledger.operations.database();
          const transactions = given ?? "not-compared";
          const compared = given === undefined ? [] : await ledger.operations.compareTransactions(given);
          const after = await ledger.operations
            .acceptDatabase({ ...note, transactions })
            .catch(refuseAnother);
          const { lines, ...rest } = report(after, before.accepted ? nothingToAccept : accepted);
          return before.accepted
            ? { ...rest, lines }
            : { ...rest, lines: [...lines, ...paymentLines(compared)] };
        });
      },
    }),
  ],
};

function oneOfBoth(): Failure {
  return usage(
    "Give --transactions FILE, so that payments that the database lost are adopted. With --not-compared they can be charged twice.",
    "--transactions FILE을 지정하면 사라진 결제가 원장에 등록됩니다. --not-compared로 승인하면 다시 결제될 수 있습니다.",
  );
}

/** Every payment that the ledger does not have as the console does. */
function comparison(payments: readonly ComparedPayment[]): Report {
  const different = payments.filter(({ finding }) => finding !== "known");
  return {
    exitCode: different.length === 0 ? exitCodes.ok : exitCodes.review,
    result: { compared: payments.length, payments: different },
    lines: paymentLines(payments),
    problem: different.length === 0 ? undefined : { code: "payments-differ", text: differ(different.length) },
  };
}

function paymentLines(payments: readonly ComparedPayment[]): Report["lines"] {
  const different = payments.filter(({ finding }) => finding !== "known");
  const count: Text = {
    en: `${payments.length} payments compared, ${different.length} differ.`,
    ko: `결제 ${payments.length}건을 비교했고 ${different.length}건이 다릅니다.`,
  };
  return [count, different.length > 0 && tableOf(columns, different)];
}

const differ = (count: number): Text => ({
  en: `${count} payments of the console are not in the ledger as they are there.`,
  ko: `관리자 화면과 다른 결제가 ${count}건 있습니다.`,
});

const findings: Readonly<Record<ComparedPayment["finding"], Text>> = {
  known: { en: "known", ko: "일치" },
  adopted: { en: "missing: becomes paid", ko: "원장에 없음: 결제 완료로 등록" },
  locked: { en: "differs: needs review", ko: "원장과 다름: 확인 필요" },
  unassigned: { en: "add its orderId", ko: "상점 주문번호를 추가하세요" },
  foreign: { en: "not an order number of this shop: left out", ko: "이 상점의 주문번호가 아님: 제외" },
};

const columns: Columns<ComparedPayment> = [
  [labels.order, ({ orderId = "-" }) => orderId],
  ["oid", ({ oid }) => oid],
  ["tid", ({ tid }) => tid],
  [labels.amount, ({ price }) => won(price)],
  [{ en: "cancelled", ko: "취소" }, ({ cancelled }) => won(cancelled)],
  [{ en: "ledger", ko: "원장" }, ({ finding }) => named(finding, findings)],
];

function refuseAnother(error: unknown): never {
  if (!(error instanceof LedgerError && error.code === "database-changed")) throw error;
  throw new Failure(exitCodes.failed, error.code, {
    en: "Not accepted: another database answers now than the one you compared, or --seen is wrong. Look at `payapi database` again, and compare that one.",
    ko: "승인되지 않았습니다. 비교한 데이터베이스가 아니거나 --seen이 다릅니다. `payapi database`를 다시 확인하고 그 데이터베이스를 비교하세요.",
  });
}

const nothingToAccept: Text = {
  en: "This is the database that was accepted last: there is nothing to accept.",
  ko: "마지막으로 승인된 데이터베이스입니다. 승인할 것이 없습니다.",
};
const accepted: Text = {
  en: "Accepted: calls are sent again.",
  ko: "승인되었습니다. 다시 전송됩니다.",
};

const changed: Text = {
  en: "NOT ACCEPTED: the database was restored, or another server took over. It may have lost payments. Nothing is sent.",
  ko: "승인되지 않음: 데이터베이스가 복원되었거나 다른 서버로 바뀌었습니다. 결제 기록이 사라졌을 수 있습니다. 전송되지 않습니다.",
};
function stepsFrom(compareFrom: Date | undefined): readonly Text[] {
  const from = compareFrom === undefined ? undefined : `${koreanTime(compareFrom)} KST`;
  return [
    {
      en: "1. Leave it so: nothing can be charged meanwhile. (Links that buyers already have still take payments.)",
      ko: "1. 그대로 두세요. 그동안 결제되지 않습니다. (이미 발급된 결제 링크는 결제될 수 있습니다.)",
    },
    {
      en: `2. Export the transactions of the gateway's console from ${from ?? "before the failover or the time of the backup"} until now.`,
      ko: `2. 결제사 관리자 화면에서 ${from ?? "장애 조치 전 또는 백업 시점"}부터 지금까지의 거래 내역을 내려받으세요.`,
    },
    {
      en: "3. payapi database compare --transactions FILE (shows what is missing, and changes nothing)",
      ko: "3. payapi database compare --transactions 파일 (사라진 결제를 표시하며 변경하지 않음)",
    },
    {
      en: '4. payapi database accept --seen DATABASE --transactions FILE --actor NAME --evidence "what was compared, and when"',
      ko: '4. payapi database accept --seen DATABASE --transactions 파일 --actor 이름 --evidence "무엇을 언제 비교했는지"',
    },
  ];
}

function report(state: DatabaseState, fine: Text): Report {
  const { seen, accepted: isAccepted, since, actor, evidence, compareFrom } = state;
  return {
    exitCode: isAccepted ? exitCodes.ok : exitCodes.review,
    result: { seen, accepted: isAccepted, since, actor, evidence, compareFrom },
    lines: [
      isAccepted ? fine : changed,
      fields([
        [{ en: "this is", ko: "데이터베이스" }, seen],
        [{ en: "accepted last", ko: "마지막 승인" }, `${koreanTime(since)} KST`],
        [{ en: "by", ko: "승인자" }, coded(actor, actors)],
        [labels.evidence, evidence],
      ]),
      ...(isAccepted ? [] : stepsFrom(compareFrom)),
    ],
    problem: isAccepted ? undefined : { code: "database-changed", text: changed },
  };
}
