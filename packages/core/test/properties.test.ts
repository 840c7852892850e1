import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signFields } from "../src/crypto/index.js";
import { createPayApi, isSecret, PayApiError, type Transport } from "../src/index.js";
import { NotificationError, parseNotification } from "../src/notifications/index.js";
import { operationList } from "../src/operations/index.js";
import { readPageReply } from "../src/payment-page/page-reply.js";
import { decodeReply } from "../src/wire/decode-reply.js";
import { approval, merchant, sandboxClient } from "./support/merchant.js";

const runs = { numRuns: 2_000 };

/** Bytes near what a parser expects: pieces of real messages, cut and mixed with anything at all. */
const bytesNear = (words: readonly string[]) =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...words).map((word) => Buffer.from(word)) },
        {
          weight: 2,
          arbitrary: fc.string({ maxLength: 8, unit: "binary" }).map((text) => Buffer.from(text)),
        },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)) },
        {
          weight: 1,
          arbitrary: fc.constantFrom("&", "=", "%", "+", "%4", "%00", "&&").map((t) => Buffer.from(t)),
        },
      ),
      { maxLength: 40 },
    )
    .map((parts) => new Uint8Array(Buffer.concat(parts)));

/** Some of these pairs in any order, one of them perhaps with another value. */
const pairsOf = (pairs: readonly string[], least: number) =>
  fc
    .tuple(fc.shuffledSubarray([...pairs], { minLength: least }), fc.nat(20), fc.string({ maxLength: 5 }))
    .map(([chosen, index, value]) =>
      chosen.map((pair, at) => (at === index ? pair.replace(/=.*/, `=${encodeURIComponent(value)}`) : pair)),
    )
    .map((chosen) => new Uint8Array(Buffer.from(chosen.join("&"))));

const formBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  pairsOf(["P_STATUS=00", "P_TID=T1", "P_TYPE=CARD", "P_MID=m", "P_OID=o", "P_AMT=1000", "P_RMESG1=x"], 5),
  pairsOf(["P_STATUS=00", "P_TID=T1", "P_REQ_URL=https://a.b/", "P_NOTI=x", "P_AMT=1000"], 3),
  pairsOf(["no_tid=V1", "type_msg=0200", "no_oid=o", "amt_input=1000", "dt_trans=20261121", "nm_input=x"], 4),
  pairsOf(["id_merchant=m", "cl_status=2", "no_oid=o", "no_tid=E1", "dt_req=20261121", "price=1000"], 4),
  bytesNear([
    ..."P_STATUS=00& P_STATUS=02& P_TID=T1& P_TYPE=CARD& P_TYPE=VBANK& P_MID=m& P_OID=o& P_AMT=1000&".split(
      " ",
    ),
    ..."no_tid=V1& type_msg=0200& no_oid=o& amt_input=1000& dt_trans=20261121& tm_trans=093001&".split(" "),
    ..."id_merchant=m& cl_status=2& dt_req=20261121093001& P_REQ_URL=https://a.paywelcome.co.kr/smart/x&".split(
      " ",
    ),
    ..."P_VACT_NUM=123& P_VACT_DATE=20261121& P_VACT_TIME=0930& P_RMESG1=%25b0%25a1&".split(" "),
    "P_CARD_NUM=4111111111111111&",
  ]),
);

/** Runs it, and lets only the error that belongs to it pass. */
async function onlyThrows(
  own: new (...args: never[]) => Error,
  run: () => unknown,
  check: (value: unknown) => void = () => {},
): Promise<void> {
  let value: unknown;
  try {
    value = await run();
  } catch (error) {
    if (!(error instanceof own)) throw error;
    return;
  }
  check(value);
}

describe("every parser throws only its own error for any bytes", () => {
  it("parseNotification", async () => {
    const options = fc.record(
      {
        charset: fc.constantFrom("euc-kr" as const, "utf-8" as const),
        kind: fc.constantFrom("mobile" as const, "deposit" as const, "escrow" as const),
      },
      { requiredKeys: [] },
    );
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(formBytes, options, (body, given) =>
        onlyThrows(
          NotificationError,
          () => parseNotification(body, given),
          (value) => {
            taken += 1;
            expect(value).toMatchObject({ dedupeKey: expect.stringMatching(/^[\w.:-]{1,250}$/) });
          },
        ),
      ),
      runs,
    );
    // Else the property would be about nothing.
    expect(taken).toBeGreaterThan(5);
  });

  it("page.readReturn", async () => {
    const { page } = sandboxClient();
    let taken = 0;
    const charset = fc.constantFrom("euc-kr" as const, "utf-8" as const);
    await fc.assert(
      fc.asyncProperty(formBytes, charset, fc.constantFrom("bytes", "get", "post"), (body, given, form) => {
        const text = Buffer.from(body).toString("latin1");
        const source =
          form === "bytes"
            ? body
            : form === "get"
              ? { method: "GET", url: `/?${text}` }
              : new Request("http://shop.example/", { method: "POST", body });
        return onlyThrows(
          PayApiError,
          () => page.readReturn(source, { charset: given }),
          () => {
            taken += 1;
          },
        );
      }),
      runs,
    );
    expect(taken).toBeGreaterThan(5);
  });

  const status = fc.oneof(
    fc.constant(200),
    fc.constantFrom(302, 400, 403, 500),
    fc.integer({ min: 100, max: 999 }),
  );
  const asked = { mid: "m", oid: "o", price: 1_000 };

  it("the reply of the page", async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      bytesNear("P_STATUS=00& P_STATUS=01& P_TID=T1& P_MID=m& P_OID=o& P_AMT=1000& P_TYPE=CARD&".split(" ")),
      pairsOf(["P_STATUS=00", "P_TID=T1", "P_MID=m", "P_OID=o", "P_AMT=1000"], 4),
    );
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        body,
        status,
        fc.constantFrom("euc-kr" as const, "utf-8" as const),
        (bytes, code, charset) =>
          onlyThrows(
            PayApiError,
            () =>
              readPageReply({ status: code, headers: {}, body: bytes }, asked, {
                charset,
                isUnproven: () => false,
              }),
            (value) => {
              taken += 1;
              expect(code).toBe(200);
              expect(value).toMatchObject({ resultCode: "00", oid: "o", price: 1_000 });
            },
          ),
      ),
      runs,
    );
    expect(taken).toBeGreaterThan(5);
  });

  it.each(operationList.map((operation) => [operation.name, operation] as const))(
    "the reply of %s",
    async (_, operation) => {
      const value = fc.oneof(
        fc.constantFrom("00", "310000", "1000", "T1", "20261121", "093001"),
        fc.jsonValue(),
      );
      const names = [
        "ResultCode",
        "ResultMsg",
        ...Object.values(operation.reply).flatMap((field) => field.wire),
      ];
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        bytesNear(['{"', '":"', '","', '"}', "{", "}", "[", ...names, "00", "310000"]),
        fc
          .dictionary(fc.constantFrom(...names), value)
          .map((fields) => Buffer.from(JSON.stringify({ ResultCode: operation.success.code, ...fields }))),
      );
      await fc.assert(
        fc.asyncProperty(body, status, (bytes, code) =>
          onlyThrows(PayApiError, () =>
            decodeReply(operation, new Map([["price", "1000"]]), { status: code, headers: {}, body: bytes }),
          ),
        ),
        { numRuns: 300 },
      );
    },
  );
});

describe("card numbers in the gateway's data", () => {
  const card = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
    .map((digits) => `${digits.join("")}${luhnDigit(digits)}`)
    // What the known networks and domestic cards issue; zeros thirteen times are nobody's card.
    .filter((number) => /^(?:[2-69]\d{15}|3\d{13,14}|6\d{12,18}|4\d{12})$/.test(number));

  it("are not printed in any field", () => {
    const names = fc.constantFrom(
      "P_UNAME",
      "P_RMESG1",
      "P_CARD_NUM",
      "P_FN_CD1",
      "P_AUTH_NO",
      "P_TYPE",
      "x",
    );
    fc.assert(
      fc.property(card, names, fc.constantFrom("", "card "), (number, name, before) => {
        const form = new URLSearchParams({ P_STATUS: "01", P_TID: "T1", [name]: before + number });
        const read = parseNotification(Buffer.from(form.toString()));
        const { fields, ...rest } = read;
        expect(JSON.stringify([rest, [...fields]])).not.toContain(number);
        expect(isSecret(fields.get(name))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("signing is injective: two different legal inputs never sign the same text", () => {
  /** Text made of what could blur the border between two fields. */
  const tricky = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "&",
          "=",
          "%26",
          "%3D",
          "+",
          " ",
          "\u0000",
          "\n",
          "oid",
          "price",
          "mkey",
          "timestamp",
          "1",
        ),
        fc.constantFrom("가", "각", "＆", "＝", "\u0301", "é", "é", "😀", "\ud83d", "\u200b"),
        fc.string({ maxLength: 3, unit: "grapheme" }),
      ),
      { maxLength: 5 },
    )
    .map((parts) => parts.join(""));

  const signed = (pairs: readonly (readonly [string, string])[]): string | undefined => {
    try {
      return signFields(pairs);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return undefined;
    }
  };

  it("for any names and values", () => {
    const seen = new Map<string, string>();
    const pairs = fc.array(fc.tuple(tricky, tricky), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(pairs, (input) => {
        const signature = signed(input);
        if (signature === undefined) return;
        const text = JSON.stringify(input);
        expect(seen.get(signature) ?? text).toBe(text);
        seen.set(signature, text);
      }),
      { numRuns: 10_000 },
    );
    expect(seen.size).toBeGreaterThan(1_000);
  });

  it("for the legal inputs of every operation", async () => {
    const forms: URLSearchParams[] = [];
    const transport: Transport = async ({ body }) => {
      forms.push(new URLSearchParams(Buffer.from(body).toString()));
      throw new Error("far enough");
    };
    const now = () => new Date("2026-11-21T00:30:00Z");
    const payapi = createPayApi({ ...merchant, environment: "sandbox", transport, now });
    const common = { goodsName: "책", buyerName: "홍길동", billkey: "BILLKEY1" };
    const link = {
      payType: "card",
      goodsName: "책",
      nextUrl: "https://shop.example/n",
      returnUrl: "https://shop.example/r",
      reserved: "a=b",
    };
    const { cardNumber, cardExpireYY, cardExpireMM } = approval;
    const card = { cardExpireYY, cardExpireMM, buyerName: "홍길동" };
    const calls: Record<string, (oid: string, price: number, digits: string) => Promise<unknown>> = {
      "cards.approve": (oid, price) => payapi.cards.approve({ ...approval, oid, price }),
      "billing.charge": (oid, price) => payapi.billing.charge({ ...common, oid, price }),
      "billing.chargeMobile": (oid, price) => payapi.billing.chargeMobile({ ...common, oid, price }),
      "smsPay.createLink": (oid, price) => payapi.smsPay.createLink({ ...link, oid, price }),
      "cards.lookupPrefix": (_oid, _price, digits) =>
        payapi.cards.lookupPrefix({ cardNumber: digits.slice(0, 6) }),
      "billing.issueKey": (_oid, _price, digits) =>
        payapi.billing.issueKey({ ...card, cardNumber: digits, registNo: "880101", passwd: "12" }),
      "billing.issueKeyWithoutAuthentication": (_oid, _price, digits) =>
        payapi.billing.issueKeyWithoutAuthentication({ ...card, cardNumber: digits }),
    };
    // The others sign mid, mkey and timestamp alone.
    const bare = operationList.filter((operation) => operation.signed.length === 3).map(({ name }) => name);
    expect([...Object.keys(calls), ...bare].sort()).toEqual(operationList.map(({ name }) => name).sort());

    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 13, maxLength: 16 });
    const input = fc.record({
      oid: fc.oneof(tricky, fc.constantFrom("order-1", "1", "11")),
      price: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 999_999_999 })),
      digits: fc.oneof(digits, fc.constant(cardNumber)),
    });
    let compared = 0;
    for (const [name, call] of Object.entries(calls)) {
      const seen = new Map<string, string>();
      await fc.assert(
        fc.asyncProperty(input, async ({ oid, price, digits: card }) => {
          forms.length = 0;
          const error: unknown = await call(oid, price, card).catch((thrown: unknown) => thrown);
          const form = forms[0];
          if (!form) {
            expect(error).toMatchObject({ code: "invalid-input" });
            return;
          }
          const own = name.startsWith("cards.lookup")
            ? card.slice(0, 6)
            : name.startsWith("billing.issue")
              ? card
              : JSON.stringify([oid, price]);
          const signature = form.get("signature") ?? "";
          expect(signature).toMatch(/^[0-9a-f]{64}$/);
          expect(seen.get(signature) ?? own).toBe(own);
          seen.set(signature, own);
          compared += 1;
        }),
        { numRuns: 400 },
      );
      expect(seen.size).toBeGreaterThan(50);
    }
    expect(compared).toBeGreaterThan(1_000);
  });
});

function luhnDigit(digits: readonly number[]): number {
  const sum = digits.toReversed().reduce((total, digit, index) => {
    const weighed = index % 2 === 0 ? digit * 2 : digit;
    return total + (weighed > 9 ? weighed - 9 : weighed);
  }, 0);
  return (10 - (sum % 10)) % 10;
}
