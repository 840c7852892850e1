import type { Reported } from "../../src/domain/facts.js";
import type { NewInboxRow } from "../../src/domain/notification-rows.js";
import { left } from "./calls.js";
import { hour, type Movement, mid, orderId, type State, type Step, start, sum } from "./state.js";

/** Steps of notifications, links and accounts. */

const accountNumber = "110-1";

export function openLink({ order, now }: State, payType: "card" | "vbank", price: number): Step {
  const token = `l${order.links.length + 1}`;
  const at = new Date(now + 1);
  return {
    label: `a link for ${payType} and ${price} is asked for`,
    source: "command",
    fact: { kind: "open-link", request: { orderId, price, payType }, token, at, makingMs: 60_000 },
    asks: price,
  };
}

export function settleLinks({ order, now }: State): Step[] {
  const at = new Date(now + 1);
  return order.links
    .filter(({ state }) => state === "making")
    .map(({ token }) => ({
      label: `the gateway made ${token}`,
      source: "command",
      fact: { kind: "settle-link", token, url: "https://page", at },
    }));
}

export function issues(state: State): Step[] {
  return accountsOf(state).flatMap(({ oid, price, tid }) => {
    const at = new Date(state.now + 1);
    const account = {
      accountNumber,
      accountBank: "04",
      accountHolder: null,
      accountDueAt: new Date(start + 240 * hour),
    };
    const issued = { orderId, oid, price, tid, account: accountNumber };
    const newId = `a${state.order.approvals.length + 1}`;
    return [
      {
        label: `the browser shows account ${tid}`,
        source: "command" as const,
        fact: { kind: "account-issued" as const, issued, account, newId, at },
      },
      notice(state, {
        name: `account ${tid} was issued`,
        kind: "mobile",
        reported: { what: "issued", oid, tid, price, payType: "vbank", account: accountNumber },
      }),
    ];
  });
}

/** Each link for accounts has one account, with a transaction of its own. */
function accountsOf({ order }: State) {
  return order.links
    .filter(({ payType }) => payType === "vbank")
    .map(({ oid, price, token }) => ({ oid, price, tid: `V-${token}` }));
}

/** Deposits, each told of by two channels, and by strangers. */
export function deposits(
  state: State,
  options: { readonly second?: boolean; readonly strange?: boolean } = {},
): Step[] {
  return accountsOf(state).flatMap(({ oid, price, tid }) => {
    const paid = { what: "paid", oid, tid, price, payType: "vbank", account: accountNumber } as const;
    const came = (number: number): Movement => ({
      id: `D${number} ${tid}`,
      of: tid,
      won: price,
      certainty: "proved",
    });
    const at = (number: number) => new Date(start + (number - 10) * hour);
    const first = [
      notice(state, {
        name: `deposit 1 to ${tid}`,
        kind: "deposit",
        reported: { ...paid, at: at(1) },
        tells: [came(1)],
      }),
      notice(state, {
        name: `deposit 1 to ${tid}, by the page`,
        kind: "mobile",
        reported: { ...paid, at: at(1) },
        tells: [came(1)],
      }),
    ];
    const second = [
      notice(state, {
        name: `deposit 2 to ${tid}`,
        kind: "deposit",
        reported: { ...paid, at: at(2) },
        tells: [came(2)],
      }),
      notice(state, {
        name: `deposit 2 to ${tid}, by the page`,
        kind: "mobile",
        reported: { ...paid, at: at(2) },
        tells: [came(2)],
      }),
    ];
    const strange = [
      notice(state, {
        name: `deposit of another amount to ${tid}`,
        kind: "deposit",
        reported: { ...paid, price: price + 1 },
        mustAlarm: true,
      }),
      // Of an account that nobody told of, any number may be the right one.
      ...(state.order.approvals.some(({ authTid, accountNumber: known }) => authTid === tid && known !== null)
        ? [
            notice(state, {
              name: `deposit to another account, ${tid}`,
              kind: "deposit",
              reported: { ...paid, account: "999" },
              mustAlarm: true,
            }),
          ]
        : []),
      notice(state, {
        name: `deposit in another order's transaction`,
        kind: "deposit",
        reported: { ...paid, tid: "T-other" },
        mustAlarm: true,
      }),
      notice(state, {
        name: `a stranger: deposit 1 to ${tid}`,
        kind: "deposit",
        reported: { ...paid, at: at(1) },
        stranger: true,
      }),
      notice(state, {
        name: `vouched for: deposit 1 to ${tid}`,
        kind: "deposit",
        reported: { ...paid, at: at(1) },
        isReleased: true,
        tells: [came(1)],
        key: `deposit 1 to ${tid}`,
      }),
    ];
    // An operator who saw a deposit did not say which: it is the first one that is told of after that.
    const isNamed = ["deposit", "mobile"].some((kind) =>
      state.heard.some((each) => each.startsWith(`${kind} deposit 1 to ${tid}`)),
    );
    const isSeen = !isNamed && state.movements.some(({ id }) => id === `D1 ${tid}`);
    return [...first, ...(options.second && !isSeen ? second : []), ...(options.strange ? strange : [])];
  });
}

/** The bank takes deposits back: what is left of each. */
export function reversals(state: State, options: { readonly second?: boolean } = {}): Step[] {
  return accountsOf(state).flatMap(({ oid, price, tid }) => {
    const has = (id: string) => state.movements.some((each) => each.id === `${id} ${tid}`);
    // Our cancels give the first deposit back.
    const given = sum(state.movements.filter(({ id, of }) => of === tid && id.startsWith("give ")));
    const steps: Step[] = [];
    for (const number of options.second ? [1, 2] : [1]) {
      const id = `R${number} ${tid}`;
      const known = state.movements.find((each) => each.id === id);
      const won = known === undefined ? price + (number === 1 ? given : 0) : -known.won;
      if (won <= 0 || (number === 2 && !has("D2"))) continue;
      const reported = {
        what: "reversed",
        oid,
        tid,
        price: won,
        payType: "vbank",
        account: accountNumber,
      } as const;
      const tells: Movement[] = [{ id, of: tid, won: -won, certainty: "proved" }];
      steps.push(notice(state, { name: `reversal ${number} of ${tid}`, kind: "deposit", reported, tells }));
      if (number === 1) {
        steps.push(
          notice(state, {
            name: `a stranger: reversal of ${tid}`,
            kind: "deposit",
            reported,
            stranger: true,
          }),
        );
        steps.push(
          notice(state, {
            name: `reversal of more than came, ${tid}`,
            kind: "deposit",
            reported: { ...reported, price: price + 1 },
            mustAlarm: true,
          }),
        );
      }
    }
    return steps;
  });
}

/** The page tells of its approvals. */
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
 * News of escrow money that went back. Each cancel of ours is told of, and so is each in the gateway's console; which of them a
 * notification is about, it does not say.
 */
export function escrowNotices(state: State, amounts: readonly number[]): Step[] {
  const { order, movements } = state;
  const paid = order.approvals.find(({ state: at }) => at === "approved" || at === "unknown");
  if (paid === undefined) return [];
  const of = paid.authTid ?? `T-${paid.id}`;
  const receivedAt = new Date(state.now + 1);
  // A partial cancel has a transaction of its own.
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
      ({ sendingAt, network, state: at }) =>
        sendingAt !== null && !network && at !== "refused" && at !== "settled_not_moved" && at !== "not_sent",
    )
    .flatMap((row) => {
      const id = `give ${row.id}`;
      const known = movements.find((each) => each.id === id);
      const price = known === undefined ? row.cancelPrice : -known.won;
      if (known === undefined && left(state, of) < price) return [];
      // It proves nothing of a cancel whose reply is not there.
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

function notice(state: State, told: Notice): Step {
  const { name, key = name, kind, reported, tells, stranger = false, isReleased = false, mustAlarm } = told;
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
  const row: NewInboxRow = {
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
    // What changes nothing may come as often as it likes.
    ...(stranger || mustAlarm ? {} : { hears: dedupeKey }),
    ...(tells === undefined ? {} : { tells }),
    ...(mustAlarm === undefined ? {} : { mustAlarm }),
  };
}
