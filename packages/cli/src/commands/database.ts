import { type DatabaseState, LedgerError } from "@payapi/ledger";
import { type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import { actors, labels } from "../messages.js";
import { required, statement, text as textOption } from "../options.js";
import { fields } from "../output.js";
import { coded, koreanTime, type Text } from "../text.js";

/** Whether calls are sent with this database, and its acceptance after a failover or a restore. */
export const database: Command = {
  name: "database",
  summary: {
    en: "whether the database is accepted for payments, and its acceptance after a failover or a restore",
    ko: "데이터베이스의 승인 여부 확인과, 장애 조치나 복원 후의 사용 승인",
  },
  notes: {
    en: "Exit code 3 while it is not accepted: nothing is sent then. Reading, resolving and notifications go on. Accept it only after you compared the gateway's console with the ledger: payments that a failover lost may be charged twice.",
    ko: "승인되지 않았으면 종료 코드 3이며 결제와 취소가 전송되지 않습니다. 조회, 결과 기록, 알림은 계속됩니다. 결제사 관리자 화면과 원장을 비교한 뒤에만 승인하세요. 사라진 기록은 이중 결제가 될 수 있습니다.",
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
      args: ["accept"],
      options: {
        seen: required(
          textOption("DATABASE", {
            en: "the database you compared, as `payapi database` showed it",
            ko: "비교한 데이터베이스(`payapi database`가 표시한 값)",
          }),
        ),
        ...statement,
      },
      run: ({ settings, options }) =>
        withLedger(settings, async (ledger) => {
          const before = await ledger.operations.database();
          const after = await ledger.operations.acceptDatabase(options).catch(refuseAnother);
          return report(after, before.accepted ? nothingToAccept : accepted);
        }),
    }),
  ],
};

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
const steps: readonly Text[] = [
  {
    en: "1. Leave it so: nothing can be charged meanwhile. (Links that buyers already have still take payments.)",
    ko: "1. 그대로 두세요. 그동안 결제되지 않습니다. (이미 발급된 결제 링크는 결제될 수 있습니다.)",
  },
  {
    en: "2. Compare the gateway's console with `payapi orders`, from before the failover or the time of the backup.",
    ko: "2. 장애 조치 전 또는 백업 시점부터 결제사 관리자 화면과 `payapi orders`를 비교하세요.",
  },
  {
    en: "3. Refund in the console what the ledger does not know, or mark those orders as paid in your own tables.",
    ko: "3. 원장에 없는 결제는 관리자 화면에서 환불하거나 상점 DB에 결제 완료로 표시하세요.",
  },
  {
    en: '4. payapi database accept --seen DATABASE --actor NAME --evidence "what was compared, and when"',
    ko: '4. payapi database accept --seen DATABASE --actor 이름 --evidence "무엇을 언제 비교했는지"',
  },
];

function report({ seen, accepted: isAccepted, since, actor, evidence }: DatabaseState, fine: Text): Report {
  return {
    exitCode: isAccepted ? exitCodes.ok : exitCodes.review,
    result: { seen, accepted: isAccepted, since, actor, evidence },
    lines: [
      isAccepted ? fine : changed,
      fields([
        [{ en: "this is", ko: "데이터베이스" }, seen],
        [{ en: "accepted last", ko: "마지막 승인" }, `${koreanTime(since)} KST`],
        [{ en: "by", ko: "승인자" }, coded(actor, actors)],
        [labels.evidence, evidence],
      ]),
      ...(isAccepted ? [] : steps),
    ],
    problem: isAccepted ? undefined : { code: "database-changed", text: changed },
  };
}
