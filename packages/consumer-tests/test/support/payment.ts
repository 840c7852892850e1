import { expect } from "vitest";
import { type Consumer, freePort } from "./consumer.js";

/** The settings of a shop: the sandbox from its tarball, started as its README says, and its published merchant. */
export async function shopSettings(
  consumer: Consumer,
): Promise<Record<"PUBLIC_ORIGIN" | "PORT" | "PAYAPI_URL", string>> {
  const sandbox = await consumer.start(
    ["node_modules/.bin/payapi-sandbox", "--port", "0"],
    /PAYAPI sandbox at (\S+)[\s\S]*signKey +(\S+)[\s\S]*fieldKey +(\S+)[\s\S]*fieldIv +(\S+)/,
  );
  const [, url = "", signKey = "", fieldKey = "", fieldIv = ""] = sandbox.found;
  const port = String(await freePort());
  return Object.assign(
    {
      PAYAPI_MID: "sandbox001",
      PAYAPI_SIGN_KEY: signKey,
      PAYAPI_FIELD_KEY: fieldKey,
      PAYAPI_FIELD_IV: fieldIv,
    },
    { PAYAPI_URL: url, PORT: port, PUBLIC_ORIGIN: `http://127.0.0.1:${port}` },
  );
}

/** Pays one order by card, as a page of the shop's would, and reads it again. */
export async function payOnce(origin: string, basePath: string): Promise<void> {
  const order = `${origin}${basePath}/orders/order-1`;
  const cookie = "buyer=alice";
  const paid = await fetch(`${order}/card-approval`, {
    method: "POST",
    headers: { origin, cookie, "content-type": "application/json" },
    body: JSON.stringify({ cardNumber: "4111111111111111", cardExpireYY: "39", cardExpireMM: "12" }),
  });
  expect(await paid.json()).toMatchObject({ orderId: "order-1", status: "paid", price: 15_000 });
  const read = await fetch(order, { headers: { cookie } });
  expect(await read.json()).toMatchObject({ status: "paid", remainingPrice: 15_000 });
  const foreign = await fetch(order, { headers: { cookie: "buyer=mallory" } });
  expect(foreign.status).toBe(403);
}
