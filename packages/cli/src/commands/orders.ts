import type { OrderStatus } from "@payapi/core";
import type { Balance, Ledger, ListedPayment, TimelineEntry } from "@payapi/ledger";
import { noSuchOrder, resolveAdvice } from "../advice.js";
import { type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import { labels, none, orderStatuses, payTypes } from "../messages.js";
import { oneOf } from "../options.js";
import { type Columns, fields, table, tableOf } from "../output.js";
import { coded, koreanTime, named, type Text, won } from "../text.js";
import { orderResult } from "./cancel.js";
import { olderLines, pageOptions, readPage } from "./pages.js";
import { closingEntry, reviewAdvice, timelineRow } from "./timeline.js";

const statuses = Object.keys(orderStatuses) as OrderStatus[];

/** Lists the ledger's payments, to compare with the gateway's console. */
export const orders: Command = {
  name: "orders",
  summary: {
    en: "list payments, newest first, or show one order's timeline",
    ko: "결제 목록 또는 한 주문의 전체 이력",
  },
  notes: {
    en: "Only reads the ledger. For one order the exit code is 3 if its outcome is unknown or it needs review.",
    ko: "원장만 조회합니다. 한 주문을 조회할 때 결과 확인 중이거나 확인이 필요한 상태이면 종료 코드 3입니다.",
  },
  forms: [
    form({
      args: [],
      options: {
        status: oneOf("STATUS", statuses, {
          en: `only those: ${statuses.join(", ")}`,
          ko: `이 상태만: ${statuses.join(", ")}`,
        }),
        ...pageOptions,
      },
      run: ({ settings, options: { status, ...page } }) =>
        withLedger(settings, async (ledger) => {
          const [found, older] = await readPage(page, (each) =>
            ledger.payments.list({ ...each, ...(status === undefined ? {} : { status }) }),
          );
          return {
            exitCode: exitCodes.ok,
            result: { orders: found.map(listedResult) },
            lines:
              found.length === 0
                ? [none]
                : [tableOf(columns, found), ...olderLines("orders", older, { status, limit: page.limit })],
          };
        }),
    }),
    form({
      args: ["<orderId>"],
      options: {},
      run: ({ settings, value }) => withLedger(settings, (ledger) => one(ledger, value)),
    }),
  ],
};

const columns: Columns<ListedPayment> = [
  [{ en: "begun (KST)", ko: "시작(KST)" }, ({ createdAt }) => koreanTime(createdAt)],
  [labels.order, ({ orderId }) => orderId],
  [labels.state, ({ status }) => named(status, orderStatuses)],
  [labels.price, ({ price }) => won(price)],
  [labels.remaining, ({ remainingPrice }) => won(remainingPrice)],
  [labels.environment, ({ environment }) => environment],
  [{ en: "by", ko: "수단" }, ({ payType }) => coded(payType, payTypes)],
  ["oid", ({ oid }) => oid],
  ["tid", ({ tid }) => tid ?? "-"],
];

function listedResult(payment: ListedPayment): Readonly<Record<string, unknown>> {
  const { environment, position, createdAt, payType, oid, attempts } = payment;
  return { ...orderResult(payment), environment, position, createdAt, payType, oid, attempts };
}

async function one(ledger: Ledger, orderId: string): Promise<Report> {
  const [order, balance, timeline] = await Promise.all([
    ledger.payments.find(orderId),
    ledger.payments.balance(orderId),
    ledger.payments.timeline(orderId),
  ]);
  if (order === undefined) throw new Failure(exitCodes.failed, "no-such-order", noSuchOrder);
  const { status } = order;
  const closed = status === "needs-review" ? closingEntry(timeline) : undefined;
  const isOpen = status === "unknown" || (status === "needs-review" && closed === undefined);
  const advice = status === "unknown" ? resolveAdvice : reviewAdvice(timeline, balance);
  return {
    exitCode: isOpen ? exitCodes.review : exitCodes.ok,
    result: {
      order: { ...orderResult(order), environment: ledger.environment },
      balance,
      closed: closed && { at: closed.at, actor: closed.actor, evidence: closed.evidence },
      timeline,
    },
    lines: [
      fields([
        [labels.order, orderId],
        [labels.state, named(status, orderStatuses)],
        [labels.environment, ledger.environment],
        [labels.price, won(order.price)],
        [labels.remaining, won(order.remainingPrice)],
        ["oid", order.oid],
        ["tid", order.tid],
        [{ en: "money", ko: "금액 장부" }, moneyOf(balance)],
      ]),
      "",
      table(timeline.map(timelineRow)),
      ...(isOpen ? ["", advice] : []),
      ...(status === "in-progress" ? ["", inProgressAdvice] : []),
      ...(closed === undefined ? [] : ["", closedText(closed)]),
    ],
    problem: isOpen ? { code: status, text: orderStatuses[status] } : undefined,
  };
}

const inProgressAdvice: Text = {
  en: "A call is in progress. If its process died, payapi review lists it once its time limit has passed, and a worker ends it (payapi worker).",
  ko: "처리 중인 요청이 있습니다. 프로세스가 중단되었다면 제한 시간이 지난 뒤 payapi review에 나오며, worker가 정리합니다(payapi worker).",
};

function closedText({ at, actor = "-" }: TimelineEntry): Text {
  const when = `${koreanTime(at)} KST`;
  return {
    en: `Closed by ${actor} at ${when}; stays locked. Nothing to do unless something new is reported.`,
    ko: `${actor} 님이 ${when}에 처리 완료했습니다. 주문은 계속 잠겨 있습니다. 새로운 내용이 없으면 할 일이 없습니다.`,
  };
}

function moneyOf({ gateway, paid, suspense }: Balance): Text {
  const [all, fine, rest] = [won(gateway), won(paid), won(Math.abs(suspense))];
  return suspense < 0
    ? {
        en: `${all.en} at the gateway: ${fine.en} as requested, ${rest.en} of it missing`,
        ko: `결제사 ${all.ko}: 정상 ${fine.ko} 중 ${rest.ko} 부족`,
      }
    : {
        en: `${all.en} at the gateway: ${fine.en} as requested, ${rest.en} in suspense`,
        ko: `결제사 ${all.ko}: 정상 ${fine.ko}, 사유 불명 ${rest.ko}`,
      };
}
