import type { NotificationReceipt } from "@payapi/core";
import { type Ledger, LedgerError, type ListedNotification } from "@payapi/ledger";
import { coded, notificationEventWords, notificationKindWords } from "../code-words.js";
import type { Call, Command, Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { fields, table } from "../output.js";
import { count, mustHave, oneOf, optional } from "../read-options.js";
import { koreanTime, named, notificationEffects, notificationReasons, type Text, won } from "../words.js";
import { olderLines, withOlder } from "./older.js";
import { afterVerb, verbOf, wordOf, wordOptions } from "./verbs.js";

type Effect = NotificationReceipt["effect"];
const effects = Object.keys(notificationEffects) as Effect[];
/** Those that wait for a person. */
const forPeople: readonly Effect[] = ["quarantined", "conflicting"];

const releaseOptions = {
  ...wordOptions,
  tid: {
    type: "string",
    value: "TID",
    help: {
      en: "its transaction as the console shows it; only where the list masks it",
      ko: "관리자 화면의 거래번호(목록에서 가려진 경우에만)",
    },
  },
} as const;

/** What the gateway told by itself, and the word that one of it is true. */
export const notifications: Command = {
  name: "notifications",
  summary: {
    en: "what the gateway notified about that needs a person",
    ko: "확인이 필요한 결제사 통보 목록과 확정",
  },
  usage: [
    "notifications [--effect EFFECT] [--limit N] [--before POSITION]",
    "notifications release <id> --actor NAME --evidence TEXT [--tid TID]",
  ],
  arguments: 2,
  options: {
    effect: {
      type: "string",
      value: "EFFECT",
      help: {
        en: `only those: ${effects.join(", ")}; the first two unless said`,
        ko: `이 결과만: ${effects.join(", ")}(기본: 앞의 두 가지)`,
      },
    },
    limit: { type: "string", value: "N", help: { en: "at most this many, 50", ko: "최대 개수(기본 50)" } },
    before: {
      type: "string",
      value: "POSITION",
      help: { en: "older ones: the position in the last line", ko: "이전 목록: 마지막 줄의 위치" },
    },
    ...releaseOptions,
  },
  notes: {
    en: "release judges a quarantined notification again, as if its source were listed: do so only once the gateway's console shows the money. It must still fit the order to the won. What fits no order can be forged by anybody who knows the address.",
    ko: "release는 격리된 통보를 등록된 출처에서 온 것처럼 다시 판단합니다. 관리자 화면에서 입금을 확인한 뒤에만 사용하세요. 금액은 원 단위까지 주문과 같아야 합니다. 주문이 없는 통보는 주소를 아는 누구나 보낼 수 있습니다.",
  },
  async run(call) {
    if (verbOf(call, ["release"]) === "release") return release(call);
    return list(call);
  },
};

async function list(call: Call): Promise<Report> {
  const effect = oneOf(call, "effect", effects);
  const limit = count(call, "limit", 500) ?? 50;
  const before = count(call, "before", Number.MAX_SAFE_INTEGER);
  for (const name of Object.keys(releaseOptions)) {
    if (optional(call, name) !== undefined) {
      throw usage(`--${name} goes with release.`, `--${name}은(는) release와 함께 사용합니다.`);
    }
  }
  const page = { limit, ...(before === undefined ? {} : { before }) };
  const [found, older] = await call.settings.withLedger(call.settings.merchant(), (ledger) =>
    withOlder(page, (each) => newest(ledger, effect === undefined ? forPeople : [effect], each)),
  );
  return {
    exitCode: exitCodes.ok,
    result: { notifications: found.map(resultOf) },
    lines:
      found.length === 0
        ? [call.say({ en: "None.", ko: "없습니다." })]
        : [
            ...table([heading(call), ...found.map((each) => row(call, each))]),
            ...advice(call, found),
            ...olderLines(call, "notifications", older, ["effect", "limit"]),
          ],
  };
}

/** The newest with one of these effects: each effect is a list of its own in the ledger. */
export async function newest(
  ledger: Ledger,
  among: readonly Effect[],
  page: { readonly limit: number; readonly before?: number },
): Promise<readonly ListedNotification[]> {
  const lists = await Promise.all(among.map((effect) => ledger.notifications({ ...page, effect })));
  return lists
    .flat()
    .sort((a, b) => b.position - a.position)
    .slice(0, page.limit);
}

async function release(call: Call): Promise<Report> {
  mustHave(call, ["release", "<id>"], ["actor", "evidence"]);
  const id = afterVerb(call, "<id>");
  const tid = optional(call, "tid");
  const word = { ...wordOf(call), ...(tid === undefined ? {} : { tid }) };
  const receipt = await call.settings.withLedger(call.settings.merchant(), (ledger) =>
    ledger.releaseNotification(id, word).catch((error: unknown) => {
      if (error instanceof LedgerError && error.code === "no-such-call") throw notQuarantined();
      throw error;
    }),
  );
  const { effect, orderId } = receipt;
  const isDone = !forPeople.includes(effect);
  const text = isDone
    ? { en: "Released.", ko: "확정되었습니다." }
    : {
        en: "It was judged again, and still needs a person: compare the order with the gateway's console.",
        ko: "다시 판단했지만 여전히 확인이 필요합니다. 주문과 관리자 화면을 비교하세요.",
      };
  return {
    exitCode: isDone ? exitCodes.ok : exitCodes.attention,
    result: { effect, orderId: orderId ?? null },
    lines: [
      call.say(text),
      ...fields([
        [call.say({ en: "effect", ko: "결과" }), named(effect, notificationEffects[effect], call.language)],
        [call.say({ en: "order", ko: "주문번호" }), orderId],
      ]),
      ...(orderId === undefined ? [] : [`payapi orders ${orderId}`]),
    ],
    ...(isDone ? {} : { problem: { code: `still-${effect}`, text } }),
  };
}

function notQuarantined(): Failure {
  return new Failure(exitCodes.failed, "no-such-notification", {
    en: "No quarantined notification has this id; nothing was changed. `payapi notifications --effect quarantined` lists them.",
    ko: "이 id의 격리된 통보가 없습니다. 변경되지 않았습니다(`payapi notifications --effect quarantined`).",
  });
}

function heading(call: Call): string[] {
  return [
    call.say({ en: "received (KST)", ko: "수신(KST)" }),
    call.say({ en: "what", ko: "내용" }),
    call.say({ en: "effect", ko: "결과" }),
    call.say({ en: "reason", ko: "사유" }),
    call.say({ en: "order", ko: "주문번호" }),
    call.say({ en: "amount", ko: "금액" }),
    "tid",
    call.say({ en: "from", ko: "출처" }),
    "id",
  ];
}

function row(call: Call, notification: ListedNotification): string[] {
  const { receivedAt, kind, event, effect, reason, orderId, oid, price, tid, source, id } = notification;
  const from = source.address ?? "-";
  return [
    koreanTime(receivedAt),
    `${coded(kind, notificationKindWords, call.language)} ${coded(event, notificationEventWords, call.language)}`,
    named(effect, notificationEffects[effect], call.language),
    reason === undefined ? "-" : call.say(notificationReasons[reason]),
    orderId ?? (oid === undefined ? "-" : `? ${oid}`),
    price === undefined ? "-" : call.say(won(price)),
    tid,
    source.listed ? from : `${from} !`,
    id,
  ];
}

function advice(call: Call, found: readonly ListedNotification[]): string[] {
  const has = (effect: Effect) => found.some((each) => each.effect === effect);
  const lines = [
    ...(has("quarantined")
      ? [
          call.say({
            en: "quarantined: only if the gateway's console shows the money: payapi notifications release <id> --actor NAME --evidence TEXT",
            ko: "quarantined: 관리자 화면에 입금이 있을 때만: payapi notifications release <id> --actor 이름 --evidence 근거",
          }),
        ]
      : []),
    ...(has("conflicting")
      ? [
          call.say({
            en: "conflicting: contradicts the record; compare payapi orders <order> with the console:",
            ko: "conflicting: 기록과 다릅니다. payapi orders <주문번호>와 관리자 화면을 비교하세요.",
          }),
          ...conflictAdvice(call, found),
        ]
      : []),
    ...(found.some(({ tidIsMasked, effect }) => effect === "quarantined" && tidIsMasked)
      ? [
          call.say({
            en: "[redacted]: its digits might be a card's. Release it with --tid TID, as the console shows it.",
            ko: "[redacted]: 카드번호일 수 있어 가렸습니다. 관리자 화면의 거래번호를 --tid로 지정해 확정하세요.",
          }),
        ]
      : []),
    ...(found.some(({ source }) => !source.listed)
      ? [
          call.say({
            en: "!  from an address that is not in the shop's sources: anybody may have sent it.",
            ko: "!  sources에 없는 주소에서 왔습니다. 누구나 보낼 수 있습니다.",
          }),
        ]
      : []),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
}

type Conflict = "too-much" | "taken-back" | "cancelled" | "differs";

const conflictTexts: Readonly<Record<Conflict, Text>> = {
  "too-much": {
    en: "refund in the console what it shows was paid twice, for nothing, or for an old price.",
    ko: "관리자 화면에 이중 결제, 근거 없는 입금, 바뀌기 전 금액의 입금이 있으면 그곳에서 환불하세요.",
  },
  "taken-back": {
    en: "the bank took the deposit back: do not deliver, pay nothing out, talk to the buyer.",
    ko: "은행이 입금을 되돌렸습니다. 배송하거나 돈을 내주지 말고 구매자에게 연락하세요.",
  },
  cancelled: {
    en: "the buyer has the money back: do not deliver, and do not refund it again.",
    ko: "구매자에게 이미 환불되었습니다. 배송하거나 다시 환불하지 마세요.",
  },
  differs: {
    en: "it is not what was asked for: pay nothing out and deliver nothing before you know which is right.",
    ko: "요청과 다른 내용입니다. 어느 쪽이 맞는지 알기 전에는 돈을 내주거나 배송하지 마세요.",
  },
};

/** Where money came twice it must go back; where it went it must not go again. */
function conflictOf({ reason }: ListedNotification): Conflict {
  switch (reason) {
    case "duplicate":
    case "deposited-again":
    case "money-contradicts":
    case "price-changed":
      return "too-much";
    case "reversed":
      return "taken-back";
    case "cancelled-elsewhere":
      return "cancelled";
    default:
      return "differs";
  }
}

/** What to do, once for each kind of conflict, below the reasons that it goes with. */
function conflictAdvice(call: Call, found: readonly ListedNotification[]): string[] {
  const conflicts = found.filter(({ effect }) => effect === "conflicting");
  return (Object.keys(conflictTexts) as Conflict[]).flatMap((conflict) => {
    const reasons = conflicts.filter((each) => conflictOf(each) === conflict).map(({ reason }) => reason);
    const names = [...new Set(reasons)].map((reason) =>
      reason === undefined ? "-" : call.say(notificationReasons[reason]),
    );
    return names.length === 0 ? [] : [`  ${names.join(", ")}: ${call.say(conflictTexts[conflict])}`];
  });
}

/** Without the fields as they came: nobody needs more than this to find the money, and the names of payers are among them. */
function resultOf(notification: ListedNotification): Readonly<Record<string, unknown>> {
  const { id, position, receivedAt, kind, event, effect, reason, orderId, oid, tid, price } = notification;
  const { occurredAt, source, released, repeats } = notification;
  return {
    id,
    position,
    receivedAt,
    kind,
    event,
    effect,
    reason: reason ?? null,
    orderId: orderId ?? null,
    oid: oid ?? null,
    tid,
    price: price ?? null,
    occurredAt: occurredAt ?? null,
    source: { address: source.address ?? null, listed: source.listed },
    released: released ?? null,
    repeats,
  };
}
