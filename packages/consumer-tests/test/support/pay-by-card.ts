import { request } from "node:http";

const card = { cardNumber: "4111111111111111", cardExpireYY: "99", cardExpireMM: "12" };

/** What a shop's page sends when a buyer pays, with the address of the page and the name of the buyer. */
export async function payByCard(shop: string, orderId: string, origin: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const path = `/payments/orders/${orderId}/card-approval`;
    const headers = { origin, "x-buyer": `customer-${orderId}`, "content-type": "application/json" };
    const sent = request(shop + path, { method: "POST", headers, timeout: 60_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => resolve({ httpStatus: response.statusCode, ...JSON.parse(text) }));
    });
    sent.once("timeout", () => sent.destroy(new Error("the shop did not answer")));
    sent.once("error", reject);
    sent.end(JSON.stringify(card));
  });
}
