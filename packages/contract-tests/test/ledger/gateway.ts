import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createPayApi } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import { type SandboxOptions, startSandbox } from "@payapi/sandbox";
import { onTestFinished } from "vitest";
import { newOrder, price } from "./ledger-states.js";
import type { LedgerRoom } from "./open-ledgers.js";

export const minute = 60_000;

/** What a run of recovery returns that changed nothing. */
export const nothing = {
  notSent: 0,
  unknown: 0,
  netCancelled: 0,
  repeated: 0,
  cancelled: 0,
  keysDeleted: 0,
  keysLeft: 0,
};

/** A sandbox, and ledgers of a merchant of its own that call it, at a time that tests set. */
export async function openGateway(room: LedgerRoom, options: Partial<SandboxOptions> = {}) {
  const merchant = {
    mid: `m${randomUUID().slice(0, 8)}`,
    signKey: "sign-key",
    fieldKey: "1".repeat(32),
    fieldIv: "1".repeat(16),
  };
  const sandbox = await startSandbox({ port: 0, merchants: [merchant], ...options });
  onTestFinished(() => sandbox.close());
  const payapi = createPayApi({ ...merchant, environment: "sandbox", baseUrl: sandbox.url });
  const nobody = createPayApi({ ...merchant, environment: "sandbox", baseUrl: "http://127.0.0.1:1" });
  /**
   * The connection between the ledgers and the sandbox. It can be cut before the first byte (at once, or after the call was marked),
   * and can hold each cancel back.
   */
  const line = { isCut: false, isCutOnceMarked: false, hold: async () => {} };
  const overLine: typeof payapi = {
    ...payapi,
    payments: {
      ...payapi.payments,
      async cancel(...call) {
        await line.hold();
        if (line.isCutOnceMarked) {
          const [input, options] = call;
          await options?.beforeSend?.();
          return nobody.payments.cancel(input);
        }
        return (line.isCut ? nobody : payapi).payments.cancel(...call);
      },
    },
  };
  let now = Date.now();
  const ledgers = await room.ledgers({ clock: () => new Date(now) }, overLine);
  const { ledger } = ledgers;

  async function approved(orderId = newOrder()): Promise<{ readonly orderId: string; readonly tid: string }> {
    const { call } = await reserved(ledger, orderId);
    const card = { cardNumber: "4111111111111111", cardExpireYY: 99, cardExpireMM: 12 };
    const sent = { oid: call.oid, price, buyerName: "홍길동", ...card };
    const { tid } = await payapi.cards.approve(sent, { beforeSend: () => ledger.store.markSending(call) });
    await ledger.store.settle(call, { outcome: "succeeded", tid, price });
    return { orderId, tid };
  }

  return {
    ...ledgers,
    payapi,
    sandbox,
    line,
    approved,
    /** A client of the same gateway, which carries its calls out and then names another code of success. */
    async answeredWith(resultCode: string) {
      const server = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
        const reply = await fetch(new URL(request.url ?? "/", sandbox.url), {
          method: "POST",
          headers: { "content-type": request.headers["content-type"] ?? "" },
          body: Buffer.concat(chunks),
        });
        const honest = (await reply.json()) as Record<string, string>;
        response.writeHead(reply.status, { "content-type": "application/json" });
        response.end(
          JSON.stringify(honest.ResultCode === "00" ? { ...honest, ResultCode: resultCode } : honest),
        );
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      return createPayApi({ ...merchant, environment: "sandbox", baseUrl: `http://127.0.0.1:${port}` });
    },
    /** An order whose full cancel was sent and never answered; whether the gateway carried it out is the test's. */
    async unknownCancel(
      part?: { readonly cancelPrice: number; readonly confirmPrice: number },
      ofOrder?: string,
    ) {
      const { orderId, tid } = await approved(ofOrder);
      const reservation = await ledger.store.reserveCancel({
        orderId,
        actor: "kim",
        ...(part === undefined ? {} : { part }),
      });
      if (reservation.status !== "reserved") throw new Error(reservation.reason);
      await ledger.store.markSending(reservation.call);
      await ledger.store.settle(reservation.call, { outcome: "unknown" });
      return { orderId, tid, callId: reservation.call.id };
    },
    /** The requests that the sandbox got of an operation, and for one payment. */
    asked: (operation: string, tid?: string) =>
      sandbox.book.requests.filter(
        (each) => each.operation === operation && (tid === undefined || each.tid === tid),
      ),
    /** The remaining won of a payment in the sandbox's book. */
    remaining: (tid: string) => sandbox.book.transactions.find((each) => each.tid === tid)?.remaining,
    pass(ms: number) {
      now += ms;
    },
    /** The time, for a ledger of the test's own. */
    clock: () => new Date(now),
  };
}

async function reserved(ledger: Ledger, orderId: string) {
  const reservation = await ledger.store.reserveApproval({ orderId, price, payType: "card" });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  return reservation;
}
