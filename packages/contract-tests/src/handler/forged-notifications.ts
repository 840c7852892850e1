import { randomUUID } from "node:crypto";
import { createPayApiHandler, type PayApiHandlerOptions } from "@payapi/core/handler";
import type { Ledger } from "@payapi/ledger";
import { sampleAccount } from "../store-contract/index.js";
import { sandboxPayApi } from "./shop.js";

const price = 15_000;

/** A shop that accepts unlisted sources: forged notifications, and those that the gateway would send. */
export function unlistedShop(ledger: Ledger, options: Partial<PayApiHandlerOptions> = {}) {
  const logged: Record<string, unknown>[] = [];
  const handler = createPayApiHandler({
    payapi: sandboxPayApi("http://127.0.0.1:4010"),
    ledger,
    publicUrl: "https://shop.example",
    basePath: "",
    groups: ["notifications"],
    sources: "unlisted",
    clientAddress: (request) => request.headers.get("x-test-address") ?? undefined,
    logger: ({ level: _level, message: _message, ...fields }) => void logged.push(fields),
    ...options,
  });

  async function send(kind: "deposit" | "escrow", fields: Record<string, string>, from: string) {
    const request = new Request(`https://shop.example/notifications/${kind}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", "x-test-address": from },
      body: new URLSearchParams(fields).toString(),
    });
    const response = await handler(request, undefined);
    return `${response.status} ${await response.text()}`;
  }

  const deposit = (oid: string, tid: string, from: string) =>
    send("deposit", { ...arrived, no_oid: oid, no_tid: tid }, from);

  return {
    logged,
    deposit,
    /** Of a deposit that was not made, for an unknown order. */
    strange: (from: string) => deposit(`none-${randomUUID().slice(0, 8)}`, randomUUID(), from),
    strangeEscrow: (from: string) =>
      send(
        "escrow",
        { ...confirmed, no_oid: `none-${randomUUID().slice(0, 8)}`, no_tid: randomUUID() },
        from,
      ),

    /** An order that waits for its deposit. */
    async awaiting() {
      const orderId = randomUUID();
      const reservation = await ledger.store.openLink({ orderId, price, payType: "vbank" });
      if (reservation.status !== "reserved") throw new Error("No new link");
      const { oid } = reservation.link;
      const tid = randomUUID();
      await ledger.store.awaitDeposit({ orderId, oid, price, tid, account: sampleAccount });
      return { orderId, oid, tid };
    },
  };
}

const arrived = {
  no_vacct: sampleAccount,
  amt_input: String(price),
  type_msg: "0200",
  dt_trans: "20261124",
  tm_trans: "120000",
};
const confirmed = {
  id_merchant: "sandbox001",
  cl_status: "3",
  dt_req: "20261124120000",
  cl_paymethod: "0",
  price: String(price),
};
