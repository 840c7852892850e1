import type { OrphanKey, OrphanState } from "@payapi/ledger";
import type { Call, Command, Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { usage } from "../failure.js";
import { table } from "../output.js";
import { count, oneOf, optional } from "../read-options.js";
import { keyKinds, koreanTime, named, orphanStates } from "../words.js";
import { closeKey } from "./close-key.js";
import { deleteKey } from "./delete-key.js";
import { olderLines, withOlder } from "./older.js";
import { verbOf, wordOptions } from "./verbs.js";

const states = Object.keys(orphanStates) as OrphanState[];

/** Billing keys that may be alive at the gateway though nobody uses them, and their end. */
export const keys: Command = {
  name: "keys",
  summary: {
    en: "billing keys that may be alive at the gateway though nobody uses them",
    ko: "사용하지 않지만 결제사에 남아 있을 수 있는 빌키",
  },
  usage: [
    "keys [--state STATE] [--limit N] [--before POSITION]",
    "keys delete <callId>",
    "keys close <callId> --actor NAME --evidence TEXT",
  ],
  arguments: 2,
  options: {
    state: {
      type: "string",
      value: "STATE",
      help: { en: `only those: ${states.join(", ")}`, ko: `이 상태만: ${states.join(", ")}` },
    },
    limit: { type: "string", value: "N", help: { en: "at most this many, 50", ko: "최대 개수(기본 50)" } },
    before: {
      type: "string",
      value: "POSITION",
      help: { en: "older ones: the position in the last line", ko: "이전 목록: 마지막 줄의 위치" },
    },
    ...wordOptions,
  },
  notes: {
    en: "unknown: an issue of which nobody knows whether the gateway made a key. deleting: a stopped key that the gateway did not say to have deleted. No key is ever shown. delete asks the gateway once more for a key of the second kind, with LEDGER_SECRET, and is never repeated by itself. close says that the gateway has no key (any more): an unknown issue can be closed ten minutes after its deadline. Exit code 3 if there is one or more.",
    ko: "unknown은 결제사가 빌키를 만들었는지 알 수 없는 발급, deleting은 사용을 멈췄지만 결제사가 삭제를 확인하지 않은 빌키입니다. 빌키 값은 표시되지 않습니다. delete는 LEDGER_SECRET으로 결제사에 삭제를 한 번 더 요청하며 자동으로 반복하지 않습니다. close는 결제사에 빌키가 없음을 기록합니다. 결과를 모르는 발급은 제한 시간이 지나고 10분 뒤부터 기록할 수 있습니다. 하나라도 있으면 종료 코드 3입니다.",
  },
  async run(call) {
    const verb = verbOf(call, ["close", "delete"]);
    refuseStrayOptions(call, verb ?? "list");
    switch (verb) {
      case "close":
        return closeKey(call);
      case "delete":
        return deleteKey(call);
      case undefined:
        return list(call);
    }
  },
};

const optionsOf = {
  list: ["state", "limit", "before"],
  delete: [],
  close: Object.keys(wordOptions),
} as const;

function refuseStrayOptions(call: Call, verb: keyof typeof optionsOf): void {
  const taken: readonly string[] = optionsOf[verb];
  const whole = verb === "list" ? "keys" : `keys ${verb}`;
  for (const name of Object.keys(keys.options)) {
    if (optional(call, name) !== undefined && !taken.includes(name)) {
      throw usage(`--${name} does not go with ${whole}.`, `--${name}은(는) ${whole}와 함께 쓸 수 없습니다.`);
    }
  }
}

async function list(call: Call): Promise<Report> {
  const state = oneOf(call, "state", states);
  const before = count(call, "before", Number.MAX_SAFE_INTEGER);
  const page = {
    limit: count(call, "limit", 500) ?? 50,
    ...(state === undefined ? {} : { state }),
    ...(before === undefined ? {} : { before }),
  };
  const [found, older] = await call.settings.withLedger(call.settings.merchant(), (ledger) =>
    withOlder(page, (each) => ledger.orphanKeys(each)),
  );
  if (found.length === 0) {
    return {
      exitCode: exitCodes.ok,
      result: { keys: [] },
      lines: [
        call.say({
          en: "None: every billing key at the gateway is in use.",
          ko: "없습니다. 결제사에 남은 미사용 빌키가 없습니다.",
        }),
      ],
    };
  }
  const text = {
    en: `${found.length} billing keys to look into.`,
    ko: `확인할 빌키 ${found.length}건이 있습니다.`,
  };
  return {
    exitCode: exitCodes.attention,
    result: { keys: found.map(resultOf) },
    lines: [
      ...table([heading(call), ...found.map((each) => row(call, each))]),
      "",
      ...advice(call, found),
      ...olderLines(call, "keys", older, ["state", "limit"]),
    ],
    problem: { code: "orphan-keys", text },
  };
}

function heading(call: Call): string[] {
  return [
    call.say({ en: "issue begun (KST)", ko: "발급 시작(KST)" }),
    call.say({ en: "owner", ko: "소유자" }),
    call.say({ en: "kind", ko: "종류" }),
    call.say({ en: "state", ko: "상태" }),
    "worker",
    call.say({ en: "gateway says", ko: "결제사 응답" }),
    call.say({ en: "call id", ko: "요청 id" }),
  ];
}

function row(call: Call, orphan: OrphanKey): string[] {
  const { createdAt, owner, kind, state, resultCode, resultMessage, callId } = orphan;
  return [
    koreanTime(createdAt),
    owner,
    named(kind, keyKinds[kind], call.language),
    named(state, orphanStates[state], call.language),
    workerOf(call, orphan),
    [resultCode, resultMessage].filter((text) => text !== undefined).join(" ") || "-",
    callId,
  ];
}

function workerOf(call: Call, { state, retrying }: OrphanKey): string {
  if (state === "unknown") return "-";
  return retrying
    ? call.say({ en: "tries again", ko: "재시도 중" })
    : call.say({ en: "gave up", ko: "재시도 끝" });
}

function advice(call: Call, found: readonly OrphanKey[]): string[] {
  const isUnknown = ({ state }: OrphanKey) => state === "unknown";
  const isRetried = ({ retrying }: OrphanKey) => retrying;
  return [
    ...(found.some(isUnknown)
      ? [
          call.say({
            en: "issue unknown: find it in the gateway's console by its time and buyer, and have a key that is there deleted; then: payapi keys close <callId> --actor NAME --evidence TEXT",
            ko: "발급 결과 미확인: 관리자 화면에서 시각과 구매자로 발급을 찾아 빌키가 있으면 삭제를 요청하세요. 그 뒤: payapi keys close <callId> --actor 이름 --evidence 근거",
          }),
        ]
      : []),
    ...(found.some(isRetried)
      ? [
          call.say({
            en: "tries again: a worker that has LEDGER_SECRET asks the gateway by itself (payapi worker).",
            ko: "재시도 중: LEDGER_SECRET이 있는 worker가 결제사에 자동으로 다시 요청합니다(payapi worker).",
          }),
        ]
      : []),
    ...(found.some((each) => !isUnknown(each) && !isRetried(each))
      ? [
          call.say({
            en: "gave up: payapi keys delete <callId> asks the gateway once more. Where the gateway says that there is no such key: payapi keys close <callId> --actor NAME --evidence TEXT",
            ko: "재시도 끝: payapi keys delete <callId>로 결제사에 한 번 더 요청하세요. 결제사에 그 빌키가 없다면: payapi keys close <callId> --actor 이름 --evidence 근거",
          }),
        ]
      : []),
  ];
}

function resultOf({ resultCode, resultMessage, ...orphan }: OrphanKey): Readonly<Record<string, unknown>> {
  return { ...orphan, resultCode: resultCode ?? null, resultMessage: resultMessage ?? null };
}
