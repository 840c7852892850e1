import { describe, expect, it } from "vitest";
import { createPayApi, type PayApi, type PayApiConfig, PayApiError } from "../src/index.js";
import { type Operation, operationList } from "../src/operations/index.js";
import { approval, merchant, sandboxClient } from "./support/merchant.js";

/** A client that sends nothing: it ends at the transport, which keeps the form. */
function spy(config: Partial<PayApiConfig> = {}): { payapi: PayApi; forms: URLSearchParams[] } {
  const forms: URLSearchParams[] = [];
  const transport: PayApiConfig["transport"] = async ({ body }) => {
    forms.push(new URLSearchParams(Buffer.from(body).toString()));
    throw new Error("far enough");
  };
  return { payapi: sandboxClient({ transport, ...config }), forms };
}

const live = {
  mid: "welcome123",
  signKey: "c2VjcmV0LXNpZ24ta2V5",
  fieldKey: "abcdefghijklmnopqrstuvwxyz012345",
  fieldIv: "abcdefghijklmnop",
  environment: "production",
} as const;

type Input = Readonly<Record<string, unknown>>;

const card = { buyerName: "홍길동", cardNumber: approval.cardNumber, cardExpireYY: 30, cardExpireMM: 1 };
const shop = "https://shop.example/return";
const clientIp = "203.0.113.7";

/** What each service demands, and no more. */
const least: Readonly<Record<string, Input>> = {
  "payments.cancel": { payType: "card", tid: "T1", price: 1_000 },
  "payments.cancelPartially": { payType: "card", tid: "T1", cancelPrice: 400, confirmPrice: 600 },
  "billing.issueKey": { ...card, registNo: "880101", passwd: "12" },
  "billing.issueKeyWithoutAuthentication": card,
  "billing.charge": { oid: "o", price: 50_000, buyerName: "홍길동", billkey: "B1" },
  "billing.deleteKey": { billkey: "B1" },
  "billing.chargeMobile": { oid: "o", price: 1_000, buyerName: "홍길동", billkey: "B1" },
  "cards.approve": { ...card, oid: "o", price: 50_000 },
  "cards.lookupPrefix": { cardNumber: "411111" },
  "escrow.registerDelivery": {
    clientIp,
    tid: "T1",
    oid: "o",
    soid: "1",
    report: "register",
    invoice: "123",
    registName: "등록자",
    exCode: "hanjin",
    exName: "한진택배",
    charge: "seller",
    invoiceDay: "2026-11-21",
    sendName: "보낸이",
    sendPost: "04524",
    sendAddr1: "서울",
    sendAddr2: "1층",
    sendTel: "02-1234-5678",
    recvName: "받는이",
    recvPost: "04524",
    recvAddr: "부산",
    recvTel: "051-123-4567",
    price: 1_000,
  },
  "escrow.confirmPurchase": { clientIp, tid: "T1", buyName: "홍길동" },
  "escrow.rejectPurchase": { clientIp, tid: "T1", buyName: "홍길동", refundName: "홍길동" },
  "escrow.confirmRejection": { clientIp, tid: "T1", dcnfName: "판매자" },
  "escrow.getStatus": { clientIp, tid: "T1" },
  "smsPay.createLink": {
    payType: "card",
    goodsName: "책",
    oid: "o",
    price: 1_000,
    returnUrl: shop,
    nextUrl: shop,
    reserved: "a=b",
  },
};

type Call = (input: unknown) => Promise<unknown>;

function methodOf(payapi: PayApi, operation: Operation): Call {
  const [group = "", name = ""] = operation.name.split(".");
  const groups = payapi as unknown as Readonly<Record<string, Readonly<Record<string, Call>>>>;
  const method = groups[group]?.[name];
  if (!method) throw new Error(`no method ${operation.name}`);
  return method;
}

/** The names of the fields that are refused, or the form that is sent. */
async function give(operation: Operation, input: unknown, config: Partial<PayApiConfig> = {}) {
  const { payapi, forms } = spy(config);
  const error: unknown = await methodOf(payapi, operation)(input).catch((thrown: unknown) => thrown);
  if (!(error instanceof PayApiError)) throw error;
  const refused = (error.problems ?? []).map(({ field }) => field);
  if (forms.length === 0) expect(error).toMatchObject({ code: "invalid-input", operation: operation.name });
  return { refused, form: forms[0], message: error.message };
}

const operationNamed = (name: string): Operation => {
  const operation = operationList.find((entry) => entry.name === name);
  if (!operation) throw new Error(`no operation ${name}`);
  return operation;
};

describe.each(operationList.map((operation) => [operation.name, operation] as const))(
  "%s",
  (name, operation) => {
    const input = least[name] ?? {};

    it("requires exactly its required fields", async () => {
      const { refused, form } = await give(operation, input);
      expect(refused).toEqual([]);
      expect(form?.get("mid")).toBe(merchant.mid);
      expect(form?.get("signature")).toMatch(/^[0-9a-f]{64}$/);
      for (const field of Object.keys(input)) {
        const { [field]: _, ...rest } = input;
        const optional = operation.request[field]?.default !== undefined;
        expect((await give(operation, rest)).refused, field).toEqual(optional ? [] : [field]);
      }
    });

    it("reports all missing fields at once", async () => {
      const { refused } = await give(operation, {});
      const order = Object.keys(operation.request);
      const demanded = Object.keys(input).filter((field) => operation.request[field]?.default === undefined);
      expect(refused).toEqual(demanded.sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    });

    it.each(["mid", "timestamp", "signature", "mkey", "unknown", "P_UNKNOWN", "toString", "constructor"])(
      "rejects the field %s from a caller",
      async (field) => {
        expect((await give(operation, { ...input, [field]: "x" })).refused).toEqual([field]);
      },
    );

    it.each([undefined, null, "text", 7, [], [input]])("rejects %j as its input", async (other) => {
      expect((await give(operation, other)).refused).toEqual(["input"]);
    });

    it.each([null, Number.NaN, {}, [], true, Symbol("x"), () => "x", "\u0000", "a\nb", "\ud800"])(
      "rejects %o in every field",
      async (value) => {
        for (const field of callerFields(operation)) {
          // null counts as left out where the field may be.
          const { refused } = await give(operation, { ...input, [field]: value });
          const leftOut =
            value === null && (!(field in input) || operation.request[field]?.default !== undefined);
          expect(refused, field).toEqual(leftOut ? [] : [field]);
        }
      },
    );

    it("rejects a field longer than the gateway's limit, without printing it", async () => {
      for (const field of callerFields(operation)) {
        const { size } = operation.request[field] ?? {};
        if (size === null || size === undefined) continue;
        const value = "9".repeat(size + 1);
        const { refused, message } = await give(operation, { ...input, [field]: value });
        expect(refused, field).toEqual([field]);
        expect(message).not.toContain(value.repeat(value.length > 2 ? 1 : 9));
      }
    });

    it("rejects & and = in every signed plain field", async () => {
      for (const field of operation.signed.filter((signed) => callerFields(operation).includes(signed))) {
        for (const value of ["a&b", "a=b", "&", "="]) {
          expect((await give(operation, { ...input, [field]: value })).refused, field).toEqual([field]);
        }
      }
    });
  },
);

function callerFields(operation: Operation): string[] {
  return Object.entries(operation.request).flatMap(([name, field]) => (field.filledBy ? [] : [name]));
}

/** What goes into a field, and what of it stands in the form; `undefined` where it is refused. */
function table(
  operation: string,
  field: string,
  rows: readonly [value: unknown, sent: string | undefined][],
): void {
  const entry = operationNamed(operation);
  it.each(rows)(`${operation} ${field} %j is sent as %j`, async (value, sent) => {
    const { refused, form } = await give(entry, { ...least[operation], [field]: value });
    expect(refused).toEqual(sent === undefined ? [field] : []);
    const wire = entry.request[field]?.wire ?? field;
    expect(form?.get(wire)).toBe(sent);
  });
}

describe("calendar dates, in Korean time", () => {
  table("escrow.registerDelivery", "invoiceDay", [
    ["2026-11-21", "20261121"],
    ["20261121", "20261121"],
    ["2028-02-29", "20280229"],
    [new Date("2026-11-20T15:00:00Z"), "20261121"],
    [new Date("2026-11-21T14:59:59Z"), "20261121"],
    [new Date("2026-11-21T15:00:00Z"), "20261122"],
    [new Date(Number.NaN), undefined],
    ["2026-02-29", undefined],
    ["2026-13-01", undefined],
    ["2026-00-10", undefined],
    ["2026-11-31", undefined],
    ["2026-1121", undefined],
    ["2026/11/21", undefined],
    ["26-11-21", undefined],
    ["2026-11-21T00:00", undefined],
    [" 2026-11-21", undefined],
    ["", undefined],
    [20261121, undefined],
    ["２０２６-１１-２１", undefined],
  ]);
});

describe("IPv4 addresses", () => {
  for (const operation of ["escrow.registerDelivery", "escrow.confirmPurchase", "escrow.rejectPurchase"]) {
    table(operation, "clientIp", [["203.0.113.7", "203.0.113.7"]]);
  }
  for (const operation of ["escrow.confirmRejection", "escrow.getStatus"]) {
    table(operation, "clientIp", [
      ["0.0.0.0", "0.0.0.0"],
      ["255.255.255.255", "255.255.255.255"],
      ["256.0.0.1", undefined],
      ["1.2.3", undefined],
      ["1.2.3.4.5", undefined],
      ["01.2.3.4", undefined],
      ["0x7f.0.0.1", undefined],
      ["1.2.3.4 ", undefined],
      ["1.2.3.4:80", undefined],
      ["::1", undefined],
      ["::ffff:1.2.3.4", undefined],
      ["localhost", undefined],
      ["", undefined],
      [16909060, undefined],
    ]);
  }
});

describe("merchant URLs", () => {
  for (const field of ["nextUrl", "returnUrl", "notiUrl"]) {
    table("smsPay.createLink", field, [
      ["https://shop.example/r", "https://shop.example/r"],
      ["https://shop.example:8443/r?a=b&c=%ED%95%9C", "https://shop.example:8443/r?a=b&c=%ED%95%9C"],
      ["https://xn--3e0b707e.example/", undefined],
      [new URL("https://shop.example/r"), "https://shop.example/r"],
      [`https://shop.example/${"x".repeat(79)}`, `https://shop.example/${"x".repeat(79)}`],
      [`https://shop.example/${"x".repeat(80)}`, undefined],
      ["http://localhost:3000/r", "http://localhost:3000/r"],
      ["http://127.0.0.1/r", "http://127.0.0.1/r"],
      ["http://[::1]:3000/r", "http://[::1]:3000/r"],
      ["http://shop.example/r", undefined],
      ["http://127.0.0.1.evil.example/", undefined],
      ["http://localhost.evil.example/", undefined],
      ["https://한글.example/", undefined],
      ["https://shop.example/한글", undefined],
      ["https://user@shop.example/", undefined],
      ["https://:pass@shop.example/", undefined],
      ["https://shop.example/#x", undefined],
      ["https://shop.example/a b", undefined],
      ["https://shop.example/\r\nx", undefined],
      ["//shop.example/", undefined],
      ["/r", undefined],
      ["shop.example", undefined],
      ["javascript:alert(1)", undefined],
      ["ftp://shop.example/", undefined],
      ["", undefined],
    ]);
  }

  it.each(["http://localhost:3000/r", "http://127.0.0.1/r", "http://[::1]/r", "http://shop.example/r"])(
    "must be https outside the sandbox: %s is rejected",
    async (nextUrl) => {
      const payapi = createPayApi({
        ...live,
        transport: () => Promise.reject(new Error("something was sent")),
      });
      const input = { ...least["smsPay.createLink"], nextUrl };
      await expect(payapi.smsPay.createLink(input as never)).rejects.toMatchObject({
        problems: [{ field: "nextUrl", message: "must be an https URL", ko: "https 주소여야 합니다" }],
      });
    },
  );
});

describe("installments", () => {
  table("smsPay.createLink", "quotaBase", [
    [[1], "01"],
    [[1, 2, 3, 36], "01:02:03:36"],
    [[99, 2], "99:02"],
    [[], undefined],
    [[0], undefined],
    [[37], undefined],
    [[98], undefined],
    [[1.5], undefined],
    [[-1], undefined],
    [["2"], undefined],
    [[Number.NaN], undefined],
    [Object.assign([1], { 2: 2 }), undefined],
    ["01:02", undefined],
    [3, undefined],
    [{ length: 1, 0: 1 }, undefined],
    [Array.from({ length: 34 }, () => 2), undefined],
    [Array.from({ length: 33 }, () => 2), Array.from({ length: 33 }, () => "02").join(":")],
  ]);
  for (const operation of ["cards.approve", "billing.charge"]) {
    table(operation, "cardQuota", [
      [0, "00"],
      [2, "02"],
      [36, "36"],
      [1, undefined],
      [37, undefined],
      [-2, undefined],
      [2.5, undefined],
      ["02", undefined],
    ]);
  }
});

describe("characters that the payment page rejects", () => {
  for (const field of ["oid", "goodsName"]) {
    table("smsPay.createLink", field, [
      ["plain-1_x", "plain-1_x"],
      ...[":", "?", '"', "&", "`", "\n", "\r\n"].map(
        (text) => [`a${text}b`, undefined] as [string, undefined],
      ),
    ]);
  }
  table("smsPay.createLink", "oid", [
    ["x".repeat(30), "x".repeat(30)],
    ["x".repeat(31), undefined],
    ["주문", undefined],
    ["a b", undefined],
    ["", undefined],
  ]);
  table("smsPay.createLink", "goodsName", [
    ["책 (한정판) 1+1 50% 할인", "책 (한정판) 1+1 50% 할인"],
    ["가".repeat(40), "가".repeat(40)],
    ["가".repeat(41), undefined],
    ["😀".repeat(40), "😀".repeat(40)],
    [" ", undefined],
  ]);
  table("smsPay.createLink", "reserved", [
    ["a=b", "a=b"],
    ["twotrs_isp=Y&block_isp=Y&twotrs_isp_noti=N", "twotrs_isp=Y&block_isp=Y&twotrs_isp_noti=N"],
    ["a=", "a="],
    ["a", undefined],
    ["a=b&", undefined],
    ["&a=b", undefined],
    ["a=b=c", undefined],
    ["=b", undefined],
    ["a=b\n", undefined],
    [`a=${"x".repeat(298)}`, `a=${"x".repeat(298)}`],
    [`a=${"x".repeat(299)}`, undefined],
  ]);
});

describe("choices", () => {
  table("smsPay.createLink", "charset", [
    ["utf-8", "utf8"],
    ["euc-kr", undefined],
    ["utf8", undefined],
  ]);
  table("smsPay.createLink", "hppMethod", [
    ["digital-content", "1"],
    ["physical-goods", "2"],
    ["1", undefined],
  ]);
  table("escrow.registerDelivery", "report", [
    ["register", "I"],
    ["change", "U"],
    ["I", undefined],
    ["__proto__", undefined],
  ]);
  table("escrow.registerDelivery", "charge", [
    ["seller", "S"],
    ["buyer", "B"],
    ["S", undefined],
  ]);
  table("payments.cancel", "cancelType", [
    ["net-cancel", "C"],
    ["C", undefined],
  ]);
  table("payments.cancel", "currency", [
    ["WON", "WON"],
    ["USD", "USD"],
    ["KRW", undefined],
  ]);
});

describe("digits, counts and amounts", () => {
  table("escrow.registerDelivery", "sendPost", [
    ["04524", "04524"],
    ["045-24", undefined],
    [4524, undefined],
    ["", undefined],
  ]);
  table("escrow.registerDelivery", "goodsCnt", [
    [1, "1"],
    [0, undefined],
    ["1", undefined],
    [1.5, undefined],
  ]);
  table("escrow.rejectPurchase", "refundAccount", [
    ["0123456789012", "0123456789012"],
    ["01234567890123", undefined],
    ["012-345", undefined],
  ]);
  table("payments.cancelPartially", "confirmPrice", [
    [0, "0"],
    [600, "600"],
    [-1, undefined],
    ["0", undefined],
    [0.5, undefined],
  ]);
  table("payments.cancelPartially", "cancelPrice", [
    [400, "400"],
    [0, undefined],
    [2 ** 53, undefined],
  ]);
  table("smsPay.createLink", "price", [
    [999_999_999, "999999999"],
    [1_000_000_000, undefined],
  ]);
  table("billing.charge", "tax", [
    [0, "0"],
    [-1, undefined],
  ]);
  table("billing.charge", "billkey", [
    ["BILL-1", "BILL-1"],
    ["with blank", undefined],
    ["빌키", undefined],
    ["x".repeat(41), undefined],
  ]);
});
