import pg from "pg";

// Append only: a step that somebody's database has run is never edited.
const steps: readonly string[] = [
  `create table demo_shop.orders (
     id text primary key,
     owner text not null,
     price bigint not null check (price > 0),
     shipping bigint not null check (shipping >= 0),
     goods_name text not null,
     buyer_name text not null,
     buyer_tel text not null,
     buyer_email text not null,
     lines jsonb not null,
     created_at timestamptz not null default now()
   );
   create index orders_by_owner on demo_shop.orders (owner, created_at desc);
   create index orders_by_age on demo_shop.orders (created_at desc);`,
  `create table demo_shop.handled_events (
     id text primary key,
     kind text not null,
     order_id text not null,
     handled_at timestamptz not null default now()
   );
   create table demo_shop.fulfilment_steps (
     id bigint generated always as identity primary key,
     order_id text not null references demo_shop.orders (id),
     state text not null check (state in ('preparing', 'held', 'cancelled')),
     at timestamptz not null default now()
   );
   create index fulfilment_steps_by_order on demo_shop.fulfilment_steps (order_id, id);
   create table demo_shop.alarms (
     event_id text primary key,
     kind text not null check (kind in ('unknown', 'cancel-unknown', 'needs-attention', 'reversed')),
     order_id text not null,
     call_id text not null,
     price bigint,
     at timestamptz not null,
     done_at timestamptz,
     done_by text,
     check ((done_at is null) = (done_by is null))
   );
   create index alarms_by_call on demo_shop.alarms (call_id);
   create index alarms_by_order on demo_shop.alarms (order_id, at);`,
  // What a notification tells of may fit no order, and is no call's.
  `alter table demo_shop.handled_events alter column order_id drop not null;
   alter table demo_shop.alarms
     alter column order_id drop not null,
     alter column call_id drop not null,
     add column notification_id text,
     add column reason text,
     drop constraint alarms_kind_check,
     add constraint alarms_kind_check check (kind in (
       'unknown', 'cancel-unknown', 'needs-attention', 'reversed', 'notification-needs-attention')),
     add constraint alarms_about_something check (
       case kind when 'notification-needs-attention' then notification_id is not null
       else order_id is not null and call_id is not null end);
   create index alarms_by_notification on demo_shop.alarms (notification_id);`,
];

/** Brings the shop's own tables up to date; the ledger migrates its own. */
export async function migrateShop(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(hashtext('demo_shop.migrations'))");
    await client.query("create schema if not exists demo_shop");
    await client.query(
      `create table if not exists demo_shop.migrations
         (step int primary key, applied_at timestamptz not null default now())`,
    );
    const { rows } = await client.query<{ done: number }>(
      "select count(*)::int as done from demo_shop.migrations",
    );
    const done = rows[0]?.done ?? 0;
    for (const [index, step] of steps.entries()) {
      if (index < done) continue;
      await client.query(step);
      await client.query("insert into demo_shop.migrations (step) values ($1)", [index + 1]);
    }
    await client.query("commit");
  } finally {
    await client.end();
  }
}
