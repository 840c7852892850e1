import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openShop, price, type Shop } from "./support/shop.js";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

/** A payment whose full cancel was sent an hour ago, and never reached the gateway. */
async function unknownCancel(): Promise<string> {
  const { orderId } = await shop.paid();
  const earlier = await shop.ledgerWith({ clock: () => new Date(Date.now() - 3_600_000) });
  const reservation = await earlier.store.reserveCancel({ orderId, actor: "kim" });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await earlier.store.markSending(reservation.call);
  await earlier.store.settle(reservation.call, { outcome: "unknown" });
  return orderId;
}

/** The sandbox behind a server that holds every request back until it lets them go. */
async function holdingGateway() {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const seen = { count: 0 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    seen.count++;
    await held;
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const reply = await fetch(new URL(request.url ?? "/", shop.sandbox.url), {
      method: "POST",
      headers,
      body,
    });
    response.writeHead(reply.status, { "content-type": reply.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await reply.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return { seen, letGo, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("worker", () => {
  it.each([[["worker"]], [["worker", "--once"]]])(
    "begins no call any more after a stop signal, and settles those in flight: %j",
    async (args) => {
      const orders: string[] = [];
      for (let i = 0; i < 7; i++) orders.push(await unknownCancel());
      const gateway = await holdingGateway();
      const running = shop.startTool(args, { PAYAPI_URL: gateway.url });
      await vi.waitFor(() => expect(gateway.seen.count).toBe(4), { timeout: 20_000 });
      running.child.kill("SIGTERM");
      await vi.waitFor(() => expect(running.stderr()).toContain("Ending"), { timeout: 20_000 });
      gateway.letGo();
      const run = await running.ended;
      expect(run.code).toBe(0);
      expect(gateway.seen.count).toBe(4);
      const statuses = await Promise.all(
        orders.map(async (id) => (await shop.ledger.payments.find(id))?.status),
      );
      expect(statuses.filter((status) => status === "cancelled")).toHaveLength(4);
      expect(statuses.filter((status) => status === "unknown")).toHaveLength(3);
      await shop.ledger.operations.recover();
    },
  );

  it("recovers once, at the gateway too", async () => {
    const orderId = await unknownCancel();
    const run = await shop.tool(["worker", "--once", "--json"]);
    expect(run.code).toBe(0);
    expect(run.json().result).toEqual({
      notSent: 0,
      unknown: 0,
      netCancelled: 0,
      repeated: 1,
      cancelled: 1,
      keysDeleted: 0,
      keysLeft: 0,
    });
    expect((await shop.ledger.payments.find(orderId))?.status).toBe("cancelled");
  });

  it("runs until a signal ends it, and prints its actions", async () => {
    const orderId = await unknownCancel();
    const running = shop.startTool(["worker"]);
    if (running.child.stderr === null) throw new Error("No stderr");
    await once(running.child.stderr, "data");
    running.child.kill("SIGTERM");
    const run = await running.ended;
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("cancels repeated 1, cancels done 1");
    expect((await shop.ledger.payments.find(orderId))?.status).toBe("cancelled");
  });

  it("lists an overdue virtual account beside the unknown calls, and resolves it", async () => {
    const orderId = `order-${randomUUID().slice(0, 8)}`;
    const opened = await shop.ledger.store.openLink({ orderId, price, payType: "vbank" });
    if (opened.status !== "reserved") throw new Error("No new link");
    const { oid } = opened.link;
    const dueAt = new Date(Date.now() - 3_600_000);
    await shop.ledger.store.awaitDeposit({ orderId, oid, price, tid: "T-account", account: "123-45", dueAt });
    const listed = await shop.tool(["review", "--json"]);
    expect(listed).toMatchObject({ code: 0 });
    expect(listed.json().result).toMatchObject({
      calls: [],
      overdueAccounts: [{ orderId, oid, tid: "T-account", price, dueAt: dueAt.toISOString() }],
    });
    expect((await shop.tool(["review"])).stdout).toContain(orderId);
    const note = ["--actor", "kim", "--evidence", "console, deposits of today"];
    const settled = await shop.tool([
      "resolve",
      orderId,
      "--outcome",
      "moved",
      "--tid",
      "T-account",
      "--confirm-tid",
      "T-account",
      ...note,
    ]);
    expect(settled).toMatchObject({ code: 0 });
    expect((await shop.ledger.payments.find(orderId))?.status).toBe("paid");
  });
});
