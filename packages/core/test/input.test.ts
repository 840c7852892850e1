import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { PayApiError, Secret } from "../src/index.js";
import { approval, sandboxClient } from "./support/merchant.js";

/** A client whose transport must never be reached: every input here is refused before it. */
const payapi = sandboxClient({
  transport: () => {
    throw new Error("something was sent");
  },
});

async function problemsOf(call: () => Promise<unknown>): Promise<string[]> {
  const error = await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PayApiError)) throw error ?? new Error("the input was taken");
  expect(error).toMatchObject({ code: "invalid-input", outcome: "not-sent", operation: "cards.approve" });
  return (error.problems ?? []).map(({ field, message }) => `${field}: ${message}`);
}

const withField = (name: string, value: unknown) =>
  problemsOf(() => payapi.cards.approve({ ...approval, [name]: value }));

describe("the input of cards.approve", () => {
  it.each<[string, unknown]>([
    ["price", 0],
    ["price", -1],
    ["price", 1.5],
    ["price", "15000"],
    ["price", Number.NaN],
    ["price", 2 ** 53],
    ["price", 10_000_000_000],
    ["price", undefined],
    ["tax", -1],
    ["tax", "0"],
    ["oid", ""],
    ["oid", " "],
    ["oid", "a&b"],
    ["oid", "a=b"],
    ["oid", "a\nb"],
    ["oid", "x".repeat(41)],
    ["oid", 7],
    ["oid", "\ud800"],
    ["cardNumber", "4111 1111 1111 1111"],
    ["cardNumber", "411111111111"],
    ["cardNumber", "41111111111111111"],
    ["cardNumber", 4111111111111111],
    ["cardNumber", "４１１１１１１１１１１１１１１１"],
    ["cardExpireYY", 2030],
    ["cardExpireYY", "2030"],
    ["cardExpireYY", -1],
    ["cardExpireYY", ""],
    ["cardExpireMM", 0],
    ["cardExpireMM", 13],
    ["cardExpireMM", "1a"],
    ["registNo", "8801"],
    ["registNo", "880101-1"],
    ["passwd", "1"],
    ["passwd", "1234"],
    ["cardQuota", 1],
    ["cardQuota", 37],
    ["cardQuota", "03"],
    ["quotaInterest", "0"],
    ["quotaInterest", "toString"],
    ["buyerName", "가".repeat(31)],
    ["buyerName", "\u0007"],
    ["goodsName", "x\u0000"],
    ["buyerEmail", 1],
    ["mid", "other"],
    ["signature", "x"],
    ["timestamp", "20261121093000"],
    ["cancelType", "C"],
    ["__proto__x", 1],
  ])("rejects %s = %j, naming the field but not its value", async (name, value) => {
    const problems = await withField(name, value);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
    if (String(value).length > 3) expect(problems.join()).not.toContain(String(value));
  });

  it.each(["한글 100% +", "with blank", "", "a\nb", "t".repeat(41)])(
    "rejects the tid %j of every operation that takes one, before anything is sent",
    async (tid) => {
      const { payments, escrow } = payapi;
      const part = { payType: "card", tid, cancelPrice: 1, confirmPrice: 1 };
      const call = [
        () => payments.cancel({ payType: "card", tid, price: 1_000 }),
        () => payments.cancelPartially(part),
        () => escrow.getStatus({ clientIp: "203.0.113.7", tid }),
        () => escrow.confirmPurchase({ clientIp: "203.0.113.7", tid, buyName: "x" }),
        () => escrow.rejectPurchase({ clientIp: "203.0.113.7", tid, buyName: "x", refundName: "x" }),
        () => escrow.confirmRejection({ clientIp: "203.0.113.7", tid, dcnfName: "x" }),
      ];
      for (const send of call) {
        const error: unknown = await send().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
          code: "invalid-input",
          outcome: "not-sent",
          problems: [{ field: "tid" }],
        });
      }
    },
  );

  it.each<[price: number, registNo: string | undefined, months: number, fine: boolean]>([
    [49_999, "880101", 2, false],
    [50_000, "880101", 2, true],
    [50_000, undefined, 36, true],
    [50_000, "1208147521", 2, false],
    [50_000, "1208147521", 0, true],
    [1_000, "880101", 0, true],
  ])(
    "allows for %i won with %s installments over %i months: %s",
    async (price, registNo, cardQuota, fine) => {
      let sent = 0;
      const client = sandboxClient({
        transport: async () => {
          sent += 1;
          throw new Error("far enough");
        },
      });
      const input = { ...approval, price, cardQuota, registNo };
      const error: unknown = await client.cards.approve(input).catch((thrown: unknown) => thrown);
      expect(sent).toBe(fine ? 1 : 0);
      if (!fine) expect(error).toMatchObject({ problems: [{ field: "cardQuota" }] });
    },
  );

  it("reports all problems at once", async () => {
    const problems = await problemsOf(() => payapi.cards.approve({} as never));
    expect(problems.map((problem) => problem.split(":")[0])).toEqual([
      "cardNumber",
      "cardExpireYY",
      "cardExpireMM",
      "oid",
      "price",
      "buyerName",
    ]);
  });

  it.each([null, undefined, "text", []])("rejects %j as input", async (input) => {
    expect(await problemsOf(() => payapi.cards.approve(input as never))).toEqual([
      "input: must be an object",
    ]);
  });

  it("does not print a card number used as a field name", async () => {
    expect(await withField("4111111111111111", 1)).toEqual(["[redacted]: is not a field of cards.approve"]);
  });

  it("counts characters instead of UTF-16 units", async () => {
    const sent: string[] = [];
    const spy = sandboxClient({
      transport: async ({ body }) => {
        sent.push(Buffer.from(body).toString());
        throw new Error("far enough");
      },
    });
    const names = ["가".repeat(30), "😀".repeat(30), "a+b %&=c"];
    for (const buyerName of names) {
      await expect(
        spy.cards.approve({ ...approval, buyerName, cardNumber: new Secret(approval.cardNumber) }),
      ).rejects.toMatchObject({ outcome: "unknown" });
    }
    expect(sent.map((body) => new URLSearchParams(body).get("buyerName"))).toEqual(names);
  });

  it("keeps the input out of the errors of a faulty transport", async () => {
    const client = sandboxClient({ transport: () => Promise.reject(new Error("custom")) });
    const error: unknown = await client.cards.approve(approval).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "connection-lost", outcome: "unknown" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(approval.cardNumber);
  });
});
