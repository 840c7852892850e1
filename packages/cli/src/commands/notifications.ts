import type { NotificationReceipt } from "@payapi/core";
import { type Ledger, LedgerError, type ListedNotification } from "@payapi/ledger";
import { type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import {
  labels,
  none,
  notificationEffects,
  notificationEvents,
  notificationKinds,
  notificationReasons,
} from "../messages.js";
import { oneOf, statement, text as textOption } from "../options.js";
import { type Columns, fields, type Line, tableOf } from "../output.js";
import { coded, joined, koreanTime, named, type Text, won } from "../text.js";
import { olderLines, pageOptions, readPage } from "./pages.js";

type Effect = NotificationReceipt["effect"];
const effects = Object.keys(notificationEffects) as Effect[];
const needReview: readonly Effect[] = ["quarantined", "mismatch"];

/** The gateway's notifications that need review, and the release of a quarantined one. */
export const notifications: Command = {
  name: "notifications",
  summary: {
    en: "the gateway's notifications that need review, and the release of a quarantined one",
    ko: "확인이 필요한 결제사 알림 목록과 보류된 알림의 반영",
  },
  notes: {
    en: "release judges a quarantined notification again as if its source were listed: use it only once the gateway's console shows the money. It must still match the order to the won. Anyone who knows the address can forge a notification that matches no order.",
    ko: "release는 보류된 알림을 등록된 발신 주소에서 온 것처럼 다시 판단합니다. 관리자 화면에서 입금을 확인한 뒤에만 사용하세요. 금액은 원 단위까지 주문과 같아야 합니다. 주문이 없는 알림은 주소를 아는 누구나 보낼 수 있습니다.",
  },
  forms: [
    form({
      args: [],
      options: {
        effect: oneOf("EFFECT", effects, {
          en: `only those: ${effects.join(", ")} (default: the first two)`,
          ko: `이 결과만: ${effects.join(", ")}(기본: 앞의 두 가지)`,
        }),
        ...pageOptions,
      },
      async run({ settings, options: { effect, ...page } }) {
        const among = effect === undefined ? needReview : [effect];
        const [found, older] = await withLedger(settings, (ledger) =>
          readPage(page, (each) => newest(ledger, among, each)),
        );
        const lines = [
          tableOf(columns, found),
          ...advice(found),
          ...olderLines("notifications", older, { effect, limit: page.limit }),
        ];
        return {
          exitCode: exitCodes.ok,
          result: { notifications: found.map(resultOf) },
          lines: found.length === 0 ? [none] : lines,
        };
      },
    }),
    form({
      args: ["release", "<id>"],
      options: {
        ...statement,
        tid: textOption("TID", {
          en: "its transaction as the console shows it; only where the list masks it",
          ko: "관리자 화면의 거래번호(목록에서 가려진 경우에만)",
        }),
      },
      async run({ settings, value: id, options: { tid, ...stated } }) {
        const resolution = { ...stated, ...(tid === undefined ? {} : { tid }) };
        const receipt = await withLedger(settings, (ledger) =>
          ledger.notifications.release(id, resolution).catch((error: unknown) => {
            if (error instanceof LedgerError && error.code === "no-such-call") throw notQuarantined();
            throw error;
          }),
        );
        return releaseReport(receipt);
      },
    }),
  ],
};

/** The newest notifications with one of these effects; the ledger has a separate list for each effect. */
export async function newest(
  ledger: Ledger,
  among: readonly Effect[],
  page: { readonly limit: number; readonly before?: number },
): Promise<readonly ListedNotification[]> {
  const lists = await Promise.all(among.map((effect) => ledger.notifications.list({ ...page, effect })));
  return lists
    .flat()
    .sort((a, b) => b.position - a.position)
    .slice(0, page.limit);
}

function releaseReport({ effect, orderId }: NotificationReceipt): Report {
  const isDone = !needReview.includes(effect);
  const text = isDone
    ? { en: "Released.", ko: "반영되었습니다." }
    : {
        en: "It was judged again and still needs review: compare the order with the gateway's console.",
        ko: "다시 판단했지만 여전히 확인이 필요합니다. 주문과 관리자 화면을 비교하세요.",
      };
  return {
    exitCode: isDone ? exitCodes.ok : exitCodes.review,
    result: { effect, orderId },
    lines: [
      text,
      fields([
        [labels.effect, named(effect, notificationEffects)],
        [labels.order, orderId],
      ]),
      orderId !== undefined && `payapi orders ${orderId}`,
    ],
    problem: isDone ? undefined : { code: `still-${effect}`, text },
  };
}

function notQuarantined(): Failure {
  return new Failure(exitCodes.failed, "no-such-notification", {
    en: "No quarantined notification has this id; nothing was changed. `payapi notifications --effect quarantined` lists them.",
    ko: "이 id의 보류된 알림이 없습니다. 변경되지 않았습니다(`payapi notifications --effect quarantined`).",
  });
}

const columns: Columns<ListedNotification> = [
  [{ en: "received (KST)", ko: "수신(KST)" }, ({ receivedAt }) => koreanTime(receivedAt)],
  [
    { en: "what", ko: "내용" },
    ({ kind, event }) => joined([coded(kind, notificationKinds), coded(event, notificationEvents)], " "),
  ],
  [labels.effect, ({ effect }) => named(effect, notificationEffects)],
  [{ en: "reason", ko: "사유" }, ({ reason }) => (reason === undefined ? "-" : notificationReasons[reason])],
  [labels.order, ({ orderId, oid }) => orderId ?? (oid === undefined ? "-" : `? ${oid}`)],
  [labels.amount, ({ price }) => (price === undefined ? "-" : won(price))],
  ["tid", ({ tid }) => tid],
  [
    { en: "from", ko: "발신 주소" },
    ({ source: { address = "-", listed } }) => (listed ? address : `${address} !`),
  ],
  ["id", ({ id }) => id],
];

function advice(found: readonly ListedNotification[]): readonly Line[] {
  const has = (effect: Effect) => found.some((each) => each.effect === effect);
  const lines: readonly Line[] = [
    has("quarantined") && {
      en: "quarantined: only if the gateway's console shows the money: payapi notifications release <id> --actor NAME --evidence TEXT",
      ko: "보류: 관리자 화면에 입금이 있을 때만: payapi notifications release <id> --actor 이름 --evidence 근거",
    },
    has("mismatch") && {
      en: "mismatch: differs from the ledger; compare payapi orders <orderId> with the console:",
      ko: "불일치: 원장과 다릅니다. payapi orders <주문번호>와 관리자 화면을 비교하세요.",
    },
    ...mismatchAdvice(found),
    found.some(({ tidIsMasked, effect }) => effect === "quarantined" && tidIsMasked) && {
      en: "[redacted]: its digits might be a card number. Release it with --tid TID, as the console shows it.",
      ko: "[redacted]: 카드번호일 수 있어 가렸습니다. 관리자 화면의 거래번호를 --tid로 지정해 반영하세요.",
    },
    found.some(({ source }) => !source.listed) && {
      en: "!  from an address that is not in the shop's sources: anyone may have sent it.",
      ko: "!  sources에 없는 주소에서 왔습니다. 누구나 보낼 수 있습니다.",
    },
  ];
  const shown = lines.filter((line) => line !== false);
  return shown.length === 0 ? [] : ["", ...shown];
}

type Mismatch = "paid-too-much" | "reversed" | "cancelled" | "differs";

const mismatchTexts: Readonly<Record<Mismatch, Text>> = {
  "paid-too-much": {
    en: "refund in the console what it shows was paid twice, without an order, or for an old price.",
    ko: "관리자 화면에 이중 결제, 주문 없는 입금, 바뀌기 전 금액의 입금이 있으면 그곳에서 환불하세요.",
  },
  reversed: {
    en: "the bank reversed the deposit: do not deliver, pay nothing out, talk to the buyer.",
    ko: "은행이 입금을 회수했습니다. 배송하거나 돈을 내주지 말고 구매자에게 연락하세요.",
  },
  cancelled: {
    en: "the buyer has the money back: do not deliver, and do not refund it again.",
    ko: "구매자에게 이미 돌아갔습니다. 배송하거나 다시 환불하지 마세요.",
  },
  differs: {
    en: "it does not match the request: pay nothing out and deliver nothing before you know which is right.",
    ko: "요청과 다른 내용입니다. 어느 쪽이 맞는지 알기 전에는 돈을 내주거나 배송하지 마세요.",
  },
};

/** Money that was paid twice must be refunded; money that was refunded must not be refunded again. */
function mismatchOf({ reason }: ListedNotification): Mismatch {
  switch (reason) {
    case "duplicate":
    case "deposited-again":
    case "unexpected-money":
    case "price-changed":
      return "paid-too-much";
    case "reversed":
      return "reversed";
    case "cancelled-elsewhere":
      return "cancelled";
    default:
      return "differs";
  }
}

/** The next step for each kind of mismatch, once, after its reasons. */
function mismatchAdvice(found: readonly ListedNotification[]): readonly Text[] {
  const mismatches = found.filter(({ effect }) => effect === "mismatch");
  return (Object.keys(mismatchTexts) as Mismatch[]).flatMap((kind) => {
    const reasons = mismatches.filter((each) => mismatchOf(each) === kind).map(({ reason }) => reason);
    if (reasons.length === 0) return [];
    const names = [...new Set(reasons)].map((reason) =>
      reason === undefined ? "-" : notificationReasons[reason],
    );
    const { en, ko } = joined([joined(names, ", "), mismatchTexts[kind]], ": ");
    return [{ en: `  ${en}`, ko: `  ${ko}` }];
  });
}

/** Without the received fields, since they contain names of payers; the rest is enough to find the money. */
function resultOf(notification: ListedNotification): Readonly<Record<string, unknown>> {
  const { id, position, receivedAt, kind, event, effect, reason, orderId, oid, tid, price } = notification;
  const { occurredAt, source, released, repeats } = notification;
  const judged = { effect, reason, released, repeats };
  const from = { address: source.address, listed: source.listed };
  return {
    id,
    position,
    receivedAt,
    kind,
    event,
    ...judged,
    orderId,
    oid,
    tid,
    price,
    occurredAt,
    source: from,
  };
}
