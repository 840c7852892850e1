import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openLedger } from "@payapi/ledger";
import { openTimedLedger } from "@payapi/ledger/internal";
import { type Sandbox, sandboxMerchant, startSandbox } from "@payapi/sandbox";
import { expect, it, onTestFinished } from "vitest";
import { compareBooks } from "../../src/crashes/compare-books.js";
import { freePort, KilledShop } from "../../src/crashes/killed-shop.js";
import { seeded } from "../../src/crashes/seeded.js";
import { notificationKey } from "../../src/crashes/shop-settings.js";
import { gatewayCertificate } from "../../src/gateway/certificate.js";
import { databaseUrl, newSchema } from "../ledger/new-schema.js";

const kills = 100;
const card = { cardNumber: "4111111111111111", cardExpireYY: "99", cardExpireMM: "12" };
/** `KILLS_SEED=1234` repeats the choices of a run; the machine's timing stays its own. */
const seed = Number(process.env.KILLS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const payapi = { mid: sandboxMerchant.mid, environment: "sandbox" } as const;

/** The gateway over TLS, two servers of one shop, and their ledger seen from outside. */
async function world() {
  const { schema, drop } = await newSchema();
  const folder = await mkdtemp(join(tmpdir(), "payapi-kills-"));
  const { key, cert } = await gatewayCertificate();
  const ports = [await freePort(), await freePort()];
  const depositUrl = `http://127.0.0.1:${ports[0]}/payments/notifications/deposit/${notificationKey}`;
  const sandbox = await startSandbox({
    port: 0,
    tls: { key, cert },
    merchants: [{ ...sandboxMerchant, depositUrl }],
    maxRequests: 100_000,
  });
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, cert);
  const journal = join(folder, "journal");
  const shops = ports.map(
    (port) =>
      new KilledShop({
        PORT: String(port),
        SANDBOX_URL: sandbox.url,
        CA_FILE: caFile,
        DATABASE_URL: databaseUrl,
        LEDGER_SCHEMA: schema,
        JOURNAL: journal,
      }),
  );
  const ledger = await openLedger({ payapi, database: databaseUrl, schema, journal });
  const later = await openTimedLedger({
    payapi,
    database: databaseUrl,
    schema,
    journal,
    clock: () => new Date(Date.now() + 600_000),
  });
  onTestFinished(async () => {
    await Promise.all(shops.map((shop) => shop.kill()));
    await Promise.all([ledger.close(), later.close(), sandbox.close()]);
    await drop();
    await rm(folder, { recursive: true });
  });
  return { sandbox, shops, ledger, later, journal };
}

/** A virtual account whose money arrives: the gateway tells the shop by itself. */
async function depositFor(
  orderId: string,
  { ledger, sandbox }: Pick<Awaited<ReturnType<typeof world>>, "ledger" | "sandbox">,
) {
  const price = 7_000;
  const link = await ledger.store.openLink({ orderId, price, payType: "vbank" });
  if (link.status !== "reserved") throw new Error("Refused");
  await ledger.store.settleLink(link.link.token, "https://pay.example/1");
  const { tid } = sandbox.outside.issueAccount({ oid: link.link.oid, price });
  sandbox.outside.deposit(tid);
}

/** The actions of a buyer and the staff on one order, regardless of the shop's answers. */
async function payAndCancel(shop: KilledShop, orderId: string, chance: () => number): Promise<void> {
  const [asWhole, inPart] = [chance() < 0.3, chance() < 0.4];
  await shop.post(`/orders/${orderId}/card-approval`, card);
  if (inPart) {
    const part = { cancelPrice: 1_000, confirmPrice: Number(orderId.split("-").at(-1)) - 1_000 };
    await shop.post(`/orders/${orderId}/partial-cancel`, part);
  }
  if (asWhole) await shop.post(`/orders/${orderId}/cancel`, {});
}

async function delivered(sandbox: Sandbox): Promise<void> {
  for (let round = 0; round < 20; round++) {
    if (sandbox.notifications.list.every(({ state }) => state !== "waiting")) return;
    await sandbox.clock.advance(11 * 60_000);
    await sandbox.notifications.idle();
  }
}

it(`${kills} SIGKILLs leave no orphan charge and no wrong booking (KILLS_SEED=${seed})`, async () => {
  const { sandbox, shops, ledger, later, journal } = await world();
  const chance = seeded(seed);
  const orderIds: string[] = [];
  let killed = 0;

  await Promise.all(
    shops.map(async (shop, server) => {
      // Each server has numbers of its own, so that their timing does not mix up the choices.
      const own = seeded(Math.floor(chance() * 2 ** 32));
      for (let life = 0; killed < kills; life++) {
        await shop.start();
        const begun: Promise<unknown>[] = [];
        for (let i = 0; i < 8; i++) {
          const orderId = `k${server}-${life}-${i}-${5_000 + Math.floor(own() * 5_000)}`;
          orderIds.push(orderId);
          begun.push(payAndCancel(shop, orderId, own));
          // The other server gets the same order too, as after a double click.
          if (own() < 0.25) begun.push(payAndCancel(shops[1 - server] ?? shop, orderId, own));
        }
        if (server === 0) {
          const orderId = `v${server}-${life}-7000`;
          orderIds.push(orderId);
          await depositFor(orderId, { ledger, sandbox });
        }
        await wait(own() * 1_000);
        await shop.kill();
        killed++;
        await Promise.all(begun);
      }
    }),
  );
  expect(killed).toBeGreaterThanOrEqual(kills);

  const acknowledged = sandbox.notifications.list.filter(({ state }) => state === "acknowledged");
  const inbox = new Set<string>();
  for (let before: number | undefined; ; ) {
    const page = await ledger.notifications.list({ limit: 100, ...(before === undefined ? {} : { before }) });
    for (const { tid } of page) inbox.add(tid);
    before = page.at(-1)?.position;
    if (page.length < 100) break;
  }
  expect(acknowledged.filter(({ tid }) => !inbox.has(tid))).toEqual([]);

  // Every deposit arrives in the end, once a server is up.
  await shops[0]?.start();
  await delivered(sandbox);
  for (const orderId of orderIds.filter((id) => id.startsWith("v"))) {
    expect(await ledger.payments.find(orderId)).toMatchObject({
      orderId,
      status: "paid",
      remainingPrice: 7_000,
    });
  }

  await later.operations.recover();
  expect(await later.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
  expect(await readdir(journal)).toEqual([]);
  const { problems, orders } = await compareBooks(later, sandbox, orderIds);
  console.log({ seed, killed, requests: sandbox.book.requests.length, orders });
  expect(problems).toEqual([]);

  // Otherwise the kills came too early or too late to prove anything.
  expect(orders.paid ?? 0).toBeGreaterThan(20);
  expect(orders.unknown ?? 0).toBeGreaterThan(5);
  expect(orders["not-sent"] ?? 0).toBeGreaterThan(0);
});
