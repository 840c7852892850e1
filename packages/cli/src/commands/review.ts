import type { OverdueAccount, UnknownCall } from "@payapi/ledger";
import type { Call, Command } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { table } from "../output.js";
import { callKinds, callStates, koreanTime, named, won } from "../words.js";
import { alsoLines, alsoLookInto, isUrgent } from "./also-look-into.js";

/** What operators must look into. */
export const review: Command = {
  name: "review",
  summary: {
    en: "begin here: every call whose money nobody knows",
    ko: "여기서 시작: 결과를 알 수 없는 요청 목록",
  },
  usage: ["review"],
  arguments: 0,
  options: {},
  notes: {
    en: "Begin here. Look each up in the gateway's console by its oid. What else needs a person is named below, with its command. Exit code 0 when there is none, 3 when there is one or more, when the journal keeps a payment, or when the database was not accepted.",
    ko: "여기서 시작하세요. 결제사 관리자 화면에서 oid로 확인하세요. 그 밖에 확인할 것은 아래에 명령과 함께 나옵니다. 없으면 종료 코드 0, 하나라도 있거나 저널에 남은 결제가 있거나 데이터베이스가 승인되지 않았으면 3입니다.",
  },
  async run(call) {
    const [found, overdue, also] = await call.settings.withLedger(call.settings.merchant(), (ledger) =>
      Promise.all([ledger.unknowns(), ledger.overdueAccounts(overdueOptions()), alsoLookInto(ledger)]),
    );
    const overdueAccounts = overdue.map(({ order: _, ...account }) => account);
    const more = [...overdueLines(call, overdue), ...alsoLines(call, also)];
    const result = { calls: found.map(callResult), overdueAccounts, also };
    const nothing = call.say({
      en: "None: every outcome is known.",
      ko: "없습니다. 모든 결과가 확인되었습니다.",
    });
    if (found.length === 0 && !isUrgent(also)) {
      return { exitCode: exitCodes.ok, result, lines: [nothing, ...more] };
    }
    const text = {
      en: `${found.length} calls to look into.`,
      ko: `확인할 요청 ${found.length}건이 있습니다.`,
    };
    const urgent = {
      en: "The database and the gateway must be compared.",
      ko: "데이터베이스와 결제사를 비교해야 합니다.",
    };
    return {
      exitCode: exitCodes.attention,
      result,
      lines: [
        ...(found.length === 0
          ? [nothing]
          : [...table([heading(call), ...found.map((each) => row(call, each))]), "", ...advice(call, found)]),
        ...more,
      ],
      problem: isUrgent(also) ? { code: "look-into", text: urgent } : { code: "unknowns", text },
    };
  },
};

/** Those before were looked into, or nobody will: of all the accounts that buyers ever left unpaid nobody could read a list. */
const overdueDays = 14;

function overdueOptions(): { readonly dueSince: Date } {
  return { dueSince: new Date(Date.now() - overdueDays * 86_400_000) };
}

/** Mostly buyers who did not pay, so no alarm; but a deposit that nobody heard of would be among them. */
function overdueLines(call: Call, overdue: readonly OverdueAccount[]): string[] {
  if (overdue.length === 0) return [];
  return [
    "",
    call.say({
      en: `${overdue.length} virtual accounts have passed their due date in the last ${overdueDays} days without a deposit; if the console shows one: payapi resolve <order> --outcome moved --tid TID --actor NAME --evidence TEXT`,
      ko: `최근 ${overdueDays}일 동안 입금 기한이 지난 가상계좌 ${overdue.length}건. 관리자 화면에 입금이 있으면: payapi resolve <주문번호> --outcome moved --tid 거래번호 --actor 이름 --evidence 근거`,
    }),
    ...table(
      overdue.map(({ dueAt, orderId, price, oid, tid }) => [
        koreanTime(dueAt),
        orderId,
        call.say(won(price)),
        oid,
        tid,
      ]),
    ),
  ];
}

function heading(call: Call): string[] {
  return [
    call.say({ en: "since (KST)", ko: "시각(KST)" }),
    call.say({ en: "order", ko: "주문번호" }),
    call.say({ en: "call", ko: "요청" }),
    call.say({ en: "state", ko: "상태" }),
    call.say({ en: "amount", ko: "금액" }),
    "oid",
    "tid",
  ];
}

function row(
  call: Call,
  { since, orderId, kind, state, contradicted, price, oid, tid }: UnknownCall,
): string[] {
  const word = named(state, callStates[state], call.language);
  return [
    koreanTime(since),
    orderId,
    named(kind, callKinds[kind], call.language),
    contradicted ? `${word} !` : word,
    call.say(won(price)),
    oid,
    tid ?? "-",
  ];
}

function advice(call: Call, found: readonly UnknownCall[]): string[] {
  const isUnknown = ({ state }: UnknownCall) => state === "unknown" || state === "sending";
  return [
    ...(found.some(isUnknown)
      ? [
          call.say({
            en: "Find the oid in the gateway's console, then: payapi resolve <order> --outcome moved|not-moved --actor NAME --evidence TEXT",
            ko: "결제사 관리자 화면에서 oid를 찾은 뒤: payapi resolve <주문번호> --outcome moved|not-moved --actor 이름 --evidence 근거",
          }),
        ]
      : []),
    ...(found.some((each) => each.contradicted || !isUnknown(each))
      ? [
          call.say({
            en: "What is not unknown, or has a !, went otherwise than asked: payapi orders <order> shows what to compare with the console, and how to close it.",
            ko: "미확인이 아니거나 !가 있는 것은 요청과 다르게 처리되었습니다. payapi orders <주문번호>에서 비교할 내용과 정리 방법을 확인하세요.",
          }),
        ]
      : []),
  ];
}

function callResult({ order, tid, ...call }: UnknownCall): Readonly<Record<string, unknown>> {
  return { ...call, tid: tid ?? null, orderStatus: order.status, remainingPrice: order.remainingPrice };
}
