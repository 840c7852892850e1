import { decide } from "../../packages/ledger/dist/domain/decide.js";
import { viewOrder } from "../../packages/ledger/dist/domain/order-status.js";

const empty = {
  mid: "shop",
  orderId: "42",
  version: 0,
  entries: 0,
  reviewed: false,
  approvals: [],
  cancels: [],
  links: [],
  taken: { tids: ["T-other"], cancelTids: [] },
};

/** The order after some facts; each may be a function of the order before it. */
export function after(facts) {
  return facts.reduce((order, each) => {
    const { changes } = decide(order, typeof each === "function" ? each(order) : each);
    return saved(order, changes);
  }, empty);
}

function saved(order, { approvals, cancels, links, entries, reviewed }) {
  const merge = (rows, changed, name) => [
    ...rows.map((row) => changed.find((each) => each[name] === row[name]) ?? row),
    ...changed.filter((each) => !rows.some((row) => row[name] === each[name])),
  ];
  return {
    ...order,
    version: order.version + 1,
    entries,
    reviewed,
    approvals: merge(order.approvals, approvals, "id"),
    cancels: merge(order.cancels, cancels, "id"),
    links: merge(order.links, links, "token"),
  };
}

/** One row of the page; `undefined` if the fact changes nothing and answers as it would have anyway. */
export function decisionOf(order, fact, stateOf) {
  const from = stateOf(order);
  let decision;
  try {
    decision = decide(order, fact);
  } catch (error) {
    return {
      from,
      to: from,
      state: `refused: \`${error.code ?? error.message}\``,
      status: statusOf(order),
      booked: "",
      events: "",
    };
  }
  const { changes, answer } = decision;
  if (answer?.status === "refused") {
    return {
      from,
      to: from,
      state: `refused: \`${answer.reason}\``,
      status: statusOf(order),
      booked: "",
      events: "",
    };
  }
  const now = saved(order, changes);
  const to = stateOf(now);
  const booked = changes.postings.map(({ entries: [gateway, other] }) => {
    const sign = gateway.amount > 0 ? "+" : "";
    return `${sign}${gateway.amount.toLocaleString("en")} \`${other.account}\``;
  });
  const events = changes.events.map(({ kind }) => `\`${kind}\``);
  const isNews = [changes.approvals, changes.cancels, changes.postings, changes.events].some(
    ({ length }) => length > 0,
  );
  if (!isNews) return undefined;
  const same = to === from ? (to === undefined ? "" : `\`${to}\` (stays)`) : `\`${to}\``;
  return {
    from,
    to,
    state: same,
    status: statusOf(now),
    booked: booked.join(", "),
    events: events.join(", "),
  };
}

function statusOf(order) {
  const status = viewOrder(order.orderId, order)?.status;
  return status === undefined ? "" : `\`${status}\``;
}
