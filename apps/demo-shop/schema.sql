-- The shop's own tables. The ledger migrates its own.
create schema if not exists demo_shop;

create table if not exists demo_shop.orders (
  id text primary key,
  customer_id text not null,
  price bigint not null check (price > 0),
  shipping bigint not null check (shipping >= 0),
  goods_name text not null,
  buyer_name text not null,
  buyer_tel text not null,
  buyer_email text not null,
  lines jsonb not null,
  created_at timestamptz not null default now()
);
create index if not exists orders_by_customer on demo_shop.orders (customer_id, created_at desc);

create table if not exists demo_shop.handled_events (
  id text primary key,
  kind text not null,
  order_id text,
  handled_at timestamptz not null default now()
);

create table if not exists demo_shop.fulfilment_steps (
  id bigint generated always as identity primary key,
  order_id text not null references demo_shop.orders (id),
  state text not null check (state in ('preparing', 'held', 'cancelled')),
  at timestamptz not null default now()
);
create index if not exists fulfilment_steps_by_order on demo_shop.fulfilment_steps (order_id, id);
