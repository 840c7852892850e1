import type { OverdueAccount, UnknownCall } from "@payapi/ledger";
import type { Call, Command } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { table } from "../output.js";
import { callKinds, callStates, koreanTime, named, won } from "../words.js";

/** What operators must look into. */
export const unknowns: Command = {
  name: "unknowns",
  summary: { en: "every call whose money nobody knows", ko: "결과를 알 수 없는 요청 목록" },
  usage: ["unknowns"],
  arguments: 0,
  options: {},
  notes: {
    en: "Exit code 0 when there is none, 3 when there is one or more. Look each up in the gateway's console by its oid.",
    ko: "없으면 종료 코드 0, 하나라도 있으면 3입니다. 결제사 관리자 화면에서 oid로 확인하세요.",
  },
  async run(call) {
    const [found, overdue] = await call.settings.withLedger(call.settings.merchant(), (ledger) =>
      Promise.all([ledger.unknowns(), ledger.overdueAccounts()]),
    );
    const overdueAccounts = overdue.map(({ order: _, ...account }) => account);
    if (found.length === 0) {
      return {
        exitCode: exitCodes.ok,
        result: { calls: [], overdueAccounts },
        lines: [
          call.say({ en: "None: every outcome is known.", ko: "없습니다. 모든 결과가 확인되었습니다." }),
          ...overdueLines(call, overdue),
        ],
      };
    }
    const text = {
      en: `${found.length} to look into.`,
      ko: `확인할 요청 ${found.length}건이 있습니다.`,
    };
    return {
      exitCode: exitCodes.attention,
      result: { calls: found.map(callResult), overdueAccounts },
      lines: [
        ...table([heading(call), ...found.map((each) => row(call, each))]),
        "",
        ...advice(call, found),
        ...overdueLines(call, overdue),
      ],
      problem: { code: "unknowns", text },
    };
  },
};

/** Mostly buyers who did not pay, so no alarm; but a deposit that nobody heard of would be among them. */
function overdueLines(call: Call, overdue: readonly OverdueAccount[]): string[] {
  if (overdue.length === 0) return [];
  return [
    "",
    call.say({
      en: `${overdue.length} virtual accounts are past their due date without a deposit; if the console shows one, settle it with its tid:`,
      ko: `입금 기한이 지난 가상계좌 ${overdue.length}건. 관리자 화면에 입금이 있으면 거래번호로 정리하세요:`,
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
  return [
    ...(found.some(({ state }) => state === "unknown" || state === "sending")
      ? [
          call.say({
            en: "Find the oid in the gateway's console, then: payapi settle <order> --outcome moved|not-moved --actor NAME --evidence TEXT",
            ko: "결제사 관리자 화면에서 oid를 찾은 뒤: payapi settle <주문번호> --outcome moved|not-moved --actor 이름 --evidence 근거",
          }),
        ]
      : []),
    ...(found.some(({ contradicted }) => contradicted)
      ? [
          call.say({
            en: "!  a fact contradicts the record: compare the order's timeline with the console; refund what was paid twice.",
            ko: "!  기록과 다른 사실이 있습니다. 이력과 관리자 화면을 비교하고 이중 결제는 환불하세요.",
          }),
        ]
      : []),
  ];
}

function callResult({ order, tid, ...call }: UnknownCall): Readonly<Record<string, unknown>> {
  return { ...call, tid: tid ?? null, orderStatus: order.status, remainingPrice: order.remainingPrice };
}
