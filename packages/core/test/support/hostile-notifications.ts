import fc from "fast-check";
import { createPayApiHandler } from "../../src/handler/index.js";
import type { FullPaymentStore, ReceivedNotification } from "../../src/index.js";
import { sandboxClient } from "./merchant.js";

const real = {
  mobile: {
    P_STATUS: "02",
    P_TID: "T20261121093001",
    P_TYPE: "VBANK",
    P_AUTH_DT: "20261121093001",
    P_MID: "sandbox001",
    P_OID: "order-1",
    P_AMT: "15000",
    P_VACT_NUM: "12345678901234",
    P_RMESG1: "입금 완료",
    P_CARD_NUM: "4111111111111111",
  },
  deposit: {
    no_tid: "V0001",
    type_msg: "0200",
    no_oid: "order-1",
    no_vacct: "12345678901234",
    amt_input: "15000",
    dt_trans: "20261121",
    tm_trans: "093001",
    nm_input: "홍길동",
  },
  escrow: {
    id_merchant: "sandbox001",
    no_oid: "order-1",
    no_tid: "E0001",
    cl_status: "3",
    dt_req: "20261121093001",
    cl_paymethod: "0",
    price: "15000",
  },
} as const;

type Kind = keyof typeof real;
const kinds = Object.keys(real) as readonly Kind[];

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    "0",
    "-1",
    "1e3",
    "0x10",
    "NaN",
    "999999999999",
    "15000원",
    " 15000",
    "１５０００",
    "4111111111111111",
  ),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "%00",
    "\r\nSet-Cookie: a=b",
    "<script>",
    "'; drop table--",
  ),
);

/** A body that a notification's address may be sent: a real one that was changed, or anything at all. */
const bodies: fc.Arbitrary<{ kind: Kind; body: Uint8Array }> = fc.oneof(
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      changes: fc.array(fc.tuple(fc.nat(), nasty), { maxLength: 3 }),
      more: fc.array(fc.tuple(nasty, nasty), { maxLength: 4 }),
      cut: fc.option(fc.nat(400), { nil: undefined }),
    })
    .map(({ kind, changes, more, cut }) => {
      const pairs: [string, string][] = Object.entries(real[kind]);
      for (const [place, value] of changes) {
        const pair = pairs[place % pairs.length];
        if (pair !== undefined) pair[1] = value;
      }
      pairs.push(...more);
      const text = new URLSearchParams(
        pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
      ).toString();
      return { kind, body: Buffer.from(cut === undefined ? text : text.slice(0, cut)) };
    }),
  fc
    .record({ kind: fc.constantFrom(...kinds), body: fc.uint8Array({ maxLength: 300 }) })
    .map(({ kind, body }) => ({ kind, body })),
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      text: fc.string({ unit: fc.constantFrom(..."&=%+;[]._-aP0\u00b0\u00a1"), maxLength: 200 }),
    })
    .map(({ kind, text }) => ({ kind, body: Buffer.from(text, "latin1") })),
);

/** What came of very many hostile bodies. */
export interface Attack {
  readonly statuses: ReadonlyMap<number, number>;
  readonly received: number;
  /** How many of them could not be read. */
  readonly unread: number;
  readonly logged: readonly string[];
}

/** Sends so many bodies to a handler that takes notifications; fails at the first that is not answered as it must be. */
export async function attackWithNotifications(count: number, seed: number): Promise<Attack> {
  const statuses = new Map<number, number>();
  const logged: string[] = [];
  const log = (fields: object, message: string) => void logged.push(JSON.stringify({ message, ...fields }));
  const taken: ReceivedNotification[] = [];
  let total = 0;
  let unread = 0;
  const handler = createPayApiHandler({
    payapi: sandboxClient(),
    publicOrigin: "https://shop.example",
    basePath: "",
    groups: ["notifications"],
    clientAddress: () => "127.0.0.1",
    ledger: {
      store: {
        receiveNotification: async (notification: ReceivedNotification) => {
          taken.push(notification);
          total += 1;
          return { effect: "applied" };
        },
      } as Partial<FullPaymentStore> as FullPaymentStore,
    },
    logger: { warn: log, error: log },
  });
  const property = fc.asyncProperty(bodies, async ({ kind, body }) => {
    taken.length = 0;
    const request = new Request(`https://shop.example/notifications/${kind}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from(body),
    });
    const answer = await handler(request, undefined);
    const text = await answer.text();
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const [received] = taken;
    const acknowledged = text === (kind === "escrow" ? "cd_rslt=0000&msg_rslt=" : "OK");
    // Whatever came is handed over and acknowledged: after any other answer the gateway would give up.
    if (received === undefined || !acknowledged) throw new Error(`${answer.status} ${text}`);
    const { notification } = received;
    if (notification.kind !== kind) throw new Error("another kind");
    if ("problem" in notification) unread += 1;
    const price = "price" in notification && notification.price;
    if (typeof price === "number" && !(Number.isSafeInteger(price) && price > 0))
      throw new Error("no amount");
  });
  await fc.assert(property, { numRuns: count, seed });
  return { statuses, received: total, unread, logged };
}
