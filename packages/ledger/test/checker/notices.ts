import type { Reported } from "../../src/domain/facts.js";
import type { NewNotificationRow } from "../../src/domain/notification-rows.js";
import { left } from "./calls.js";
import { hour, type Movement, mid, type State, type Step, start } from "./state.js";

/** Steps of notifications: of the page, and of escrow. */

/** The page reports its approvals. */
export function pageNotices(state: State, tid: string): Step[] {
  return state.order.links
    .filter(({ payType }) => payType === "card")
    .flatMap(({ oid, price }) => {
      const paid = {
        what: "paid",
        oid,
        tid,
        price,
        payType: "card",
        at: new Date(start - 2 * hour),
      } as const;
      const came: Movement = { id: `take ${tid}`, of: tid, won: price, certainty: "proved" };
      const undone = state.order.approvals.some(
        (row) => row.authTid === tid && row.state === "net_cancelled",
      );
      const undo: Movement = { id: `undo ${tid}`, of: tid, won: -price, certainty: "proved" };
      const known = state.movements.find(({ id }) => id === came.id);
      const tells = undone ? [came, undo] : [came];
      const truly =
        known === undefined || known.won === price
          ? [
              notice(state, { name: `${tid} was approved`, kind: "mobile", reported: paid, tells }),
              notice(state, {
                name: `vouched for: ${tid} was approved`,
                kind: "mobile",
                reported: paid,
                isReleased: true,
                tells,
                key: `${tid} was approved`,
              }),
              notice(state, {
                name: `${tid} was approved, no amount`,
                kind: "mobile",
                reported: { ...paid, price: undefined },
                tells,
                key: `${tid} was approved`,
              }),
            ]
          : [];
      return [
        ...truly,
        notice(state, {
          name: `a stranger: ${tid} was approved`,
          kind: "mobile",
          reported: paid,
          stranger: true,
        }),
        notice(state, {
          name: `${tid} was approved, another amount`,
          kind: "mobile",
          reported: { ...paid, price: price + 1 },
          mustAlarm: true,
        }),
        notice(state, {
          name: "approved in another order's transaction",
          kind: "mobile",
          reported: { ...paid, tid: "T-other" },
          mustAlarm: true,
        }),
        notice(state, {
          name: "the payment failed",
          kind: "mobile",
          reported: { ...paid, what: "nothing", price: undefined },
        }),
        notice(state, {
          name: "nobody can read it",
          kind: "mobile",
          reported: { ...paid, what: "unrecognised", price: undefined },
          mustAlarm: true,
        }),
      ];
    });
}

/**
 * Notifications of refunded escrow money: of each cancel of the shop and each one in the gateway's console. A notification does not say
 * which of them it is about.
 */
export function escrowNotices(state: State, amounts: readonly number[]): Step[] {
  const { order, movements } = state;
  const paid = order.approvals.find(({ state: at }) => at === "approved" || at === "unknown");
  if (paid === undefined) return [];
  const of = paid.authTid ?? `T-${paid.id}`;
  const receivedAt = new Date(state.now + 1);
  // A partial cancel has its own transaction id.
  const reported = (price: number, tid: string, at: Date) =>
    ({
      what: "cancelled",
      oid: paid.oid,
      tid: price < paid.price ? tid : of,
      price,
      payType: "card",
      at,
    }) as const;
  const own = order.cancels
    .filter(
      ({ sendingAt, netCancel, state: at }) =>
        sendingAt !== null &&
        !netCancel &&
        at !== "refused" &&
        at !== "settled_not_moved" &&
        at !== "not_sent",
    )
    .flatMap((row) => {
      const id = `give ${row.id}`;
      const known = movements.find((each) => each.id === id);
      const price = known === undefined ? row.cancelPrice : -known.won;
      if (known === undefined && left(state, of) < price) return [];
      // It proves nothing about a cancel without a reply.
      const tells = [known ?? { id, of, won: -price, certainty: "likely" as const }];
      const name = `escrow: ${row.id} gave ${price} back`;
      return [
        notice(state, {
          name,
          kind: "escrow",
          reported: reported(price, `C-${row.id}`, receivedAt),
          tells,
        }),
        notice(state, {
          name: `${name}, no amount`,
          key: name,
          kind: "escrow",
          reported: { ...reported(price, `C-${row.id}`, receivedAt), price: undefined },
          tells,
        }),
      ];
    });
  const console_ = [1, 2].flatMap((number) =>
    amounts.flatMap((price) => {
      const id = `K${number} ${of}`;
      const known = movements.find((each) => each.id === id);
      if (known === undefined ? left(state, of) < price : known.won !== -price) return [];
      if (number === 2 && !movements.some((each) => each.id === `K1 ${of}`)) return [];
      return [
        notice(state, {
          name: `escrow: the console gave ${price} back, ${number}`,
          key: `console ${number}`,
          kind: "escrow",
          reported: reported(price, `K${number}`, receivedAt),
          tells: [{ id, of, won: -price, certainty: "proved" }],
        }),
        ...(price === left(state, of)
          ? [
              notice(state, {
                name: `escrow: the console gave all ${price} back, ${number}, no amount`,
                key: `console ${number}`,
                kind: "escrow",
                reported: { ...reported(price, `K${number}`, receivedAt), price: undefined },
                tells: [{ id, of, won: -price, certainty: "likely" }],
              }),
            ]
          : []),
        ...(number === 1
          ? [
              notice(state, {
                name: `a stranger: escrow gave ${price} back`,
                kind: "escrow",
                reported: reported(price, "K1", new Date(start)),
                stranger: true,
              }),
            ]
          : []),
      ];
    }),
  );
  return [...own, ...console_];
}

interface Notice {
  readonly name: string;
  readonly key?: string;
  readonly kind: "mobile" | "deposit" | "escrow";
  readonly reported: Pick<Reported, "what" | "oid" | "tid"> & Partial<Reported>;
  readonly tells?: readonly Movement[];
  readonly stranger?: boolean;
  readonly isReleased?: boolean;
  readonly mustAlarm?: boolean;
}

export function notice(state: State, given: Notice): Step {
  const { name, key = name, kind, reported, tells, stranger = false, isReleased = false, mustAlarm } = given;
  const dedupeKey = `${kind} ${key}`;
  const receivedAt = new Date(state.now + 1);
  const common = {
    mid,
    price: undefined,
    payType: undefined,
    account: undefined,
    bankCode: undefined,
    applNum: undefined,
    at: undefined,
  };
  const row: NewNotificationRow = {
    id: "n",
    mid,
    dedupeKey,
    beside: false,
    fingerprint: key,
    kind,
    event: reported.what,
    oid: reported.oid ?? null,
    tid: reported.tid,
    price: reported.price ?? null,
    account: reported.account ?? null,
    occurredAt: reported.at ?? null,
    fields: {},
    source: null,
    listed: !stranger && !isReleased,
    effect: "ignored",
    reason: null,
    orderId: null,
    receivedAt,
  };
  return {
    label: `${kind}: ${name}`,
    source: stranger ? "stranger" : "report",
    fact: {
      kind: "notification",
      reported: { ...common, ...reported },
      row,
      believed: !stranger,
      isReleased,
      reportedOtherwise: false,
      newId: `a${state.order.approvals.length + 1}`,
    },
    // A notification that changes nothing may arrive any number of times.
    ...(stranger || mustAlarm ? {} : { hears: dedupeKey }),
    ...(tells === undefined ? {} : { tells }),
    ...(mustAlarm === undefined ? {} : { mustAlarm }),
  };
}
