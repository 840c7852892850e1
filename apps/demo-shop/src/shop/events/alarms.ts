import type { NotificationEvent, OrderEvent, TimelineEntry } from "@payapi/ledger";
import type { Pool, PoolClient } from "pg";

/** The kinds of events that need the staff. */
export const alarmKinds = [
  "unknown",
  "cancel-unknown",
  "needs-review",
  "reversed",
  "notification-needs-review",
] as const;
export type AlarmKind = (typeof alarmKinds)[number];

export interface Alarm {
  readonly id: string;
  readonly kind: AlarmKind;
  /** `undefined` if a notification fits no order. */
  readonly orderId: string | undefined;
  /** The notification it is about, if no call is. */
  readonly notificationId: string | undefined;
  readonly reason: string | undefined;
  readonly price: number | undefined;
  readonly at: Date;
  /** When the alarm ended, and by whom or by which kind of event. */
  readonly done: { readonly at: Date; readonly by: string } | undefined;
}

const columns = `event_id as id, kind, order_id as "orderId", notification_id as "notificationId", reason,
  price::float8, at, done_at as "doneAt", done_by as "doneBy"`;
const most = 100;

export function openAlarms(pool: Pool) {
  const select = async (rest: string, values: readonly unknown[]): Promise<Alarm[]> => {
    const { rows } = await pool.query(`select ${columns} from demo_shop.alarms ${rest}`, [...values]);
    return rows.map(toAlarm);
  };
  return {
    /** Open ones first, the newest first. */
    list: () => select("order by done_at is not null, at desc limit $1", [most]),
    ofOrder: (orderId: string) => select("where order_id = $1 order by at", [orderId]),
    find: async (id: string) => (await select("where event_id = $1", [id]))[0],
    async countOpen(): Promise<number> {
      const { rows } = await pool.query<{ open: number }>(
        "select count(*)::int as open from demo_shop.alarms where done_at is null",
      );
      return rows[0]?.open ?? 0;
    },
    close: (id: string, by: string) => end(pool, { by }, "event_id = $3", id),
    /** Ends the alarms of an order whose review was closed; alarms about unknown outcomes end only with a fact. */
    closeOfOrder: (id: string, by: string) =>
      end(pool, { by }, "order_id = $3 and kind in ('needs-review', 'reversed')", id),
    closeOfNotification: (id: string, by: string) => end(pool, { by }, "notification_id = $3", id),
  };
}

export type OrderAlarmKind = Exclude<AlarmKind, "notification-needs-review">;

export async function raiseAlarm(
  client: PoolClient,
  event: OrderEvent<OrderAlarmKind> | NotificationEvent,
): Promise<void> {
  const { id, kind, orderId, price, at } = event;
  const ofNotification = kind === "notification-needs-review" ? event : undefined;
  const callId = kind === "notification-needs-review" ? undefined : event.callId;
  await client.query(
    `insert into demo_shop.alarms (event_id, kind, order_id, call_id, notification_id, reason, price, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, kind, orderId, callId, ofNotification?.notificationId, ofNotification?.reason, price, at],
  );
}

/** Ends an alarm whose order was dealt with before the worker received its event. */
export function endOrderAlarm(client: PoolClient, id: string, at: Date, by: string): Promise<void> {
  return end(client, { at, by }, "event_id = $3", id);
}

/**
 * Ends the alarms about a call whose outcome became known. No event ends an alarm about money that moved otherwise than asked: a
 * person does.
 */
export function endAlarm(client: PoolClient, { callId, actor, kind, at }: OrderEvent): Promise<void> {
  const isOfCall = "call_id = $3 and kind in ('unknown', 'cancel-unknown')";
  return end(client, { at, by: actor ?? kind }, isOfCall, callId);
}

async function end(
  database: Pool | PoolClient,
  { at = new Date(), by }: { readonly at?: Date; readonly by: string },
  where: string,
  value: string,
): Promise<void> {
  await database.query(
    `update demo_shop.alarms set done_at = $1, done_by = $2 where ${where} and done_at is null`,
    [at, by, value],
  );
}

function toAlarm({ doneAt, doneBy, ...row }: Record<string, unknown>): Alarm {
  const given = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined]));
  return { ...given, done: doneAt === null ? undefined : { at: doneAt, by: doneBy } } as Alarm;
}

/** Whether an entry says how somebody dealt with an order that needs review: it changes no state. */
export function isClosing({ evidence, from, to }: TimelineEntry): boolean {
  return evidence !== undefined && from === to;
}

/** The entry of the person who dealt with an order, unless something happened to it since. */
export function closingOf(timeline: readonly TimelineEntry[]): TimelineEntry | undefined {
  const last = timeline.at(-1);
  return last !== undefined && isClosing(last) ? last : undefined;
}
