import type { NotificationEvent, OrderEvent } from "@payapi/ledger";
import type { Pool, PoolClient } from "pg";

/** The kinds of event that call for a person. */
export const alarmKinds = [
  "unknown",
  "cancel-unknown",
  "needs-attention",
  "reversed",
  "notification-needs-attention",
] as const;
export type AlarmKind = (typeof alarmKinds)[number];

/** Something the staff was called for. */
export interface Alarm {
  /** The event's. */
  readonly id: string;
  readonly kind: AlarmKind;
  /** `undefined` if a notification fits no order. */
  readonly orderId: string | undefined;
  /** The notification it is about, if no call is. */
  readonly notificationId: string | undefined;
  /** Why a notification was not applied. */
  readonly reason: string | undefined;
  /** Won it is about. */
  readonly price: number | undefined;
  readonly at: Date;
  /** When nobody was needed any more, and by whom or by what kind of event. */
  readonly done: { readonly at: Date; readonly by: string } | undefined;
}

/** The staff's alarms. */
export interface AlarmList {
  /** Open ones first, the newest first. */
  list(): Promise<readonly Alarm[]>;
  ofOrder(orderId: string): Promise<readonly Alarm[]>;
  find(id: string): Promise<Alarm | undefined>;
  countOpen(): Promise<number>;
  /** A member of the staff has dealt with it; says whether it was open. */
  close(id: string, by: string): Promise<boolean>;
  /** Somebody has dealt with an order that needs attention; what is unknown about it ends with a fact only. */
  closeOfOrder(orderId: string, by: string): Promise<void>;
  /** A notification that was released needs nobody any more. */
  closeOfNotification(notificationId: string, by: string): Promise<void>;
}

interface AlarmRow {
  event_id: string;
  kind: AlarmKind;
  order_id: string | null;
  notification_id: string | null;
  reason: string | null;
  price: string | null;
  at: Date;
  done_at: Date | null;
  done_by: string | null;
}

const most = 100;

export function openAlarms(pool: Pool): AlarmList {
  const select = async (rest: string, values: readonly unknown[]): Promise<Alarm[]> => {
    const { rows } = await pool.query<AlarmRow>(`select * from demo_shop.alarms ${rest}`, [...values]);
    return rows.map(toAlarm);
  };
  return {
    list: () => select("order by done_at is not null, at desc limit $1", [most]),
    ofOrder: (orderId) => select("where order_id = $1 order by at", [orderId]),
    async find(id) {
      const [alarm] = await select("where event_id = $1", [id]);
      return alarm;
    },
    async countOpen() {
      const { rows } = await pool.query<{ open: number }>(
        "select count(*)::int as open from demo_shop.alarms where done_at is null",
      );
      return rows[0]?.open ?? 0;
    },
    async close(id, by) {
      const { rowCount } = await pool.query(
        "update demo_shop.alarms set done_at = now(), done_by = $2 where event_id = $1 and done_at is null",
        [id, by],
      );
      return rowCount === 1;
    },
    async closeOfOrder(orderId, by) {
      await pool.query(
        `update demo_shop.alarms set done_at = now(), done_by = $2
         where order_id = $1 and kind in ('needs-attention', 'reversed') and done_at is null`,
        [orderId, by],
      );
    },
    async closeOfNotification(notificationId, by) {
      await pool.query(
        `update demo_shop.alarms set done_at = now(), done_by = $2
         where notification_id = $1 and done_at is null`,
        [notificationId, by],
      );
    },
  };
}

/** The kinds of alarm about an order's own calls. */
export type OrderAlarmKind = Exclude<AlarmKind, "notification-needs-attention">;

export async function raiseAlarm(client: PoolClient, event: OrderEvent<OrderAlarmKind>): Promise<void> {
  await client.query(
    `insert into demo_shop.alarms (event_id, kind, order_id, call_id, price, at) values ($1, $2, $3, $4, $5, $6)`,
    [event.id, event.kind, event.orderId, event.callId, event.price ?? null, event.at],
  );
}

export async function raiseNotificationAlarm(client: PoolClient, event: NotificationEvent): Promise<void> {
  const { id, kind, orderId, notificationId, reason, price, at } = event;
  await client.query(
    `insert into demo_shop.alarms (event_id, kind, order_id, notification_id, reason, price, at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, kind, orderId ?? null, notificationId, reason, price ?? null, at],
  );
}

/** Somebody had dealt with the order before the worker heard of it. */
export async function endOrderAlarm(
  client: PoolClient,
  eventId: string,
  at: Date,
  by: string,
): Promise<void> {
  await client.query("update demo_shop.alarms set done_at = $2, done_by = $3 where event_id = $1", [
    eventId,
    at,
    by,
  ]);
}

/** What was unknown is known. That money moved otherwise than asked is not undone by any event: a person closes that. */
export async function endAlarm(client: PoolClient, { callId, actor, kind, at }: OrderEvent): Promise<void> {
  await client.query(
    `update demo_shop.alarms set done_at = $2, done_by = $3
     where call_id = $1 and kind in ('unknown', 'cancel-unknown') and done_at is null`,
    [callId, at, actor ?? kind],
  );
}

function toAlarm(row: AlarmRow): Alarm {
  return {
    id: row.event_id,
    kind: row.kind,
    orderId: row.order_id ?? undefined,
    notificationId: row.notification_id ?? undefined,
    reason: row.reason ?? undefined,
    price: row.price === null ? undefined : Number(row.price),
    at: row.at,
    done: row.done_at === null ? undefined : { at: row.done_at, by: row.done_by ?? "" },
  };
}
