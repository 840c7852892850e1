import type { OrderPayment } from "@payapi/core";
import type { ClaimedEvent, EventRow } from "../store/event-rows.js";
import type { LedgerEvent } from "./event-types.js";

/** An event's own fields as JSON. A field without a value is left out. */
export function writeData(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)),
  );
}

/** The event as consumers see it. */
export function readEvent(row: EventRow, tries: number): LedgerEvent {
  const { id, position, at, kind } = row;
  const { order, ...data } = JSON.parse(row.data) as { readonly order?: StoredOrder };
  return {
    ...data,
    ...(order === undefined ? {} : { order: readOrder(order) }),
    id,
    position,
    at,
    kind,
    tries,
  } as LedgerEvent;
}

export function readClaimed({ event, tries }: ClaimedEvent): LedgerEvent {
  return readEvent(event, tries);
}

type StoredAccount = Omit<NonNullable<OrderPayment["account"]>, "dueAt"> & { readonly dueAt?: string };
type StoredOrder = Omit<OrderPayment, "approvedAt" | "account"> & {
  readonly approvedAt?: string;
  readonly account?: StoredAccount;
};

/** JSON knows no moments. */
function readOrder({ approvedAt, account, ...order }: StoredOrder): OrderPayment {
  return {
    ...order,
    ...(approvedAt === undefined ? {} : { approvedAt: new Date(approvedAt) }),
    ...(account === undefined ? {} : { account: readAccount(account) }),
  };
}

function readAccount({ dueAt, ...account }: StoredAccount): NonNullable<OrderPayment["account"]> {
  return { ...account, ...(dueAt === undefined ? {} : { dueAt: new Date(dueAt) }) };
}
