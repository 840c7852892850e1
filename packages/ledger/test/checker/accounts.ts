import { notice } from "./notices.js";
import { hour, type Movement, orderId, type State, type Step, start, sum } from "./state.js";

/** Steps of links, virtual accounts, deposits and reversals. */

const accountNumber = "110-1";

export function openLink({ order, now }: State, payType: "card" | "vbank", price: number): Step {
  const token = `l${order.links.length + 1}`;
  const at = new Date(now + 1);
  return {
    label: `a link for ${payType} and ${price} is requested`,
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

/** Each link for virtual accounts has one account, with its own transaction id. */
function accountsOf({ order }: State) {
  return order.links
    .filter(({ payType }) => payType === "vbank")
    .map(({ oid, price, token }) => ({ oid, price, tid: `V-${token}` }));
}

/** Deposits, each reported by two channels and by strangers. */
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
      // For an account that was never reported, any number may be right.
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
    // A resolution does not say which deposit the operator saw: it is the first one that is reported after it.
    const isNamed = ["deposit", "mobile"].some((kind) =>
      state.heard.some((each) => each.startsWith(`${kind} deposit 1 to ${tid}`)),
    );
    const isSeen = !isNamed && state.movements.some(({ id }) => id === `D1 ${tid}`);
    return [...first, ...(options.second && !isSeen ? second : []), ...(options.strange ? strange : [])];
  });
}

/** Reversals of deposits: what is left of each. */
export function reversals(state: State, options: { readonly second?: boolean } = {}): Step[] {
  return accountsOf(state).flatMap(({ oid, price, tid }) => {
    const has = (id: string) => state.movements.some((each) => each.id === `${id} ${tid}`);
    // The shop's cancels refund the first deposit.
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
