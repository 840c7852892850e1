import type { OrderStatus } from "@payapi/core";
import type { Balance, ListedPayment, TimelineLine } from "@payapi/ledger";
import { coded, payTypeWords } from "../code-words.js";
import type { Call, Command, Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { fields, table } from "../output.js";
import { count, oneOf } from "../read-options.js";
import { koreanTime, named, orderStatuses, type Text, won } from "../words.js";
import { orderResult } from "./cancel.js";
import { olderLines, withOlder } from "./older.js";
import { attentionAdvice, closingWord, timelineRow } from "./timeline.js";

const statuses = Object.keys(orderStatuses) as OrderStatus[];

/** What the ledger knows of payments: what operators compare with the gateway's console. */
export const orders: Command = {
  name: "orders",
  summary: {
    en: "payments by order, newest first, or all that happened to one",
    ko: "결제 목록 또는 한 주문의 전체 이력",
  },
  usage: ["orders [--status STATUS] [--limit N] [--before POSITION]", "orders <orderId>"],
  arguments: 1,
  options: {
    status: {
      type: "string",
      value: "STATUS",
      help: { en: `only those: ${statuses.join(", ")}`, ko: `이 상태만: ${statuses.join(", ")}` },
    },
    limit: { type: "string", value: "N", help: { en: "at most this many, 50", ko: "최대 개수(기본 50)" } },
    before: {
      type: "string",
      value: "POSITION",
      help: { en: "older ones: the position in the last line", ko: "이전 목록: 마지막 줄의 위치" },
    },
  },
  notes: {
    en: "Reads the ledger only. Exit code 3 for one order if its outcome is unknown, or it needs attention and nobody dealt with it.",
    ko: "원장만 조회합니다. 한 주문을 조회할 때 결과 미확인이거나 처리되지 않은 확인 필요 상태이면 종료 코드 3입니다.",
  },
  async run(call) {
    const [orderId] = call.args;
    if (orderId === undefined) return list(call);
    for (const name of ["status", "limit", "before"]) {
      if (call.options[name] !== undefined) {
        throw usage(`--${name} is for the list.`, `--${name}은(는) 목록에만 사용합니다.`);
      }
    }
    return one(call, orderId);
  },
};

async function list(call: Call): Promise<Report> {
  const status = oneOf(call, "status", statuses);
  const before = count(call, "before", Number.MAX_SAFE_INTEGER);
  const page = {
    limit: count(call, "limit", 500) ?? 50,
    ...(status === undefined ? {} : { status }),
    ...(before === undefined ? {} : { before }),
  };
  const [found, older] = await call.settings.withLedger(call.settings.merchant(), (ledger) =>
    withOlder(page, (each) => ledger.listPayments(each)),
  );
  const heading = [
    call.say({ en: "begun (KST)", ko: "시작(KST)" }),
    call.say({ en: "order", ko: "주문번호" }),
    call.say({ en: "state", ko: "상태" }),
    call.say({ en: "price", ko: "금액" }),
    call.say({ en: "remaining", ko: "남은 금액" }),
    call.say({ en: "by", ko: "수단" }),
    "oid",
    "tid",
  ];
  return {
    exitCode: exitCodes.ok,
    result: { orders: found.map(listedResult) },
    lines:
      found.length === 0
        ? [call.say({ en: "None.", ko: "없습니다." })]
        : [
            ...table([heading, ...found.map((each) => row(call, each))]),
            ...olderLines(call, "orders", older, ["status", "limit"]),
          ],
  };
}

function row(call: Call, payment: ListedPayment): string[] {
  const { createdAt, orderId, status, price, remainingPrice, payType, oid, tid } = payment;
  return [
    koreanTime(createdAt),
    orderId,
    named(status, orderStatuses[status], call.language),
    call.say(won(price)),
    call.say(won(remainingPrice)),
    coded(payType, payTypeWords, call.language),
    oid,
    tid ?? "-",
  ];
}

function listedResult(payment: ListedPayment): Readonly<Record<string, unknown>> {
  const { position, createdAt, payType, oid, attempts } = payment;
  return { ...orderResult(payment), position, createdAt, payType, oid, attempts };
}

function one(call: Call, orderId: string): Promise<Report> {
  return call.settings.withLedger(call.settings.merchant(), async (ledger) => {
    const [order, balance, timeline] = await Promise.all([
      ledger.findOrder(orderId),
      ledger.balance(orderId),
      ledger.timeline(orderId),
    ]);
    if (order === undefined) {
      throw new Failure(exitCodes.failed, "no-such-order", {
        en: "No payment of this order was ever tried.",
        ko: "이 주문의 결제 시도가 없습니다.",
      });
    }
    const closed = order.status === "needs-attention" ? closingWord(timeline) : undefined;
    const isOpen = order.status === "unknown" || (order.status === "needs-attention" && !closed);
    return {
      exitCode: isOpen ? exitCodes.attention : exitCodes.ok,
      result: {
        order: orderResult(order),
        balance,
        closed: closed === undefined ? null : closedResult(closed),
        timeline: timeline.map(lineResult),
      },
      lines: [
        ...fields([
          [call.say({ en: "order", ko: "주문번호" }), orderId],
          [
            call.say({ en: "state", ko: "상태" }),
            named(order.status, orderStatuses[order.status], call.language),
          ],
          [call.say({ en: "price", ko: "금액" }), call.say(won(order.price))],
          [call.say({ en: "remaining", ko: "남은 금액" }), call.say(won(order.remainingPrice))],
          ["oid", order.oid],
          ["tid", order.tid],
          [call.say({ en: "money", ko: "금액 장부" }), moneyOf(call, balance)],
        ]),
        "",
        ...table(timeline.map((line) => timelineRow(call, line))),
        ...(isOpen
          ? ["", call.say(order.status === "unknown" ? settleAdvice : attentionAdvice(timeline, balance))]
          : []),
        ...(closed === undefined ? [] : ["", call.say(closedWords(closed))]),
      ],
      ...(isOpen ? { problem: { code: order.status, text: orderStatuses[order.status] } } : {}),
    };
  });
}

const settleAdvice = {
  en: "Find the oid in the gateway's console, then: payapi resolve <order> --outcome moved|not-moved --actor NAME --evidence TEXT",
  ko: "결제사 관리자 화면에서 oid를 찾은 뒤: payapi resolve <주문번호> --outcome moved|not-moved --actor 이름 --evidence 근거",
};

function closedWords({ at, actor }: TimelineLine): Text {
  const when = `${koreanTime(at)} KST`;
  return {
    en: `Dealt with by ${actor ?? "-"} at ${when}; stays locked. There is nothing to do until something new is heard of it.`,
    ko: `${when}에 ${actor ?? "-"} 처리함. 주문은 계속 잠겨 있습니다. 새로운 내용이 없으면 할 일이 없습니다.`,
  };
}

function closedResult({ at, actor, evidence }: TimelineLine): Readonly<Record<string, unknown>> {
  return { at, actor: actor ?? null, evidence: evidence ?? null };
}

function moneyOf(call: Call, { gateway, paid, unexplained }: Balance): string {
  const [all, fine, open] = [won(gateway), won(paid), won(Math.abs(unexplained))];
  if (unexplained < 0) {
    return call.say({
      en: `${all.en} at the gateway: ${fine.en} as asked, ${open.en} of it gone`,
      ko: `결제사 ${all.ko}: 정상 ${fine.ko} 중 ${open.ko} 없음`,
    });
  }
  return call.say({
    en: `${all.en} at the gateway: ${fine.en} as asked, ${open.en} unexplained`,
    ko: `결제사 ${all.ko}: 정상 ${fine.ko}, 미설명 ${open.ko}`,
  });
}

function lineResult(line: TimelineLine): Readonly<Record<string, unknown>> {
  return { ...line };
}
