import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PageLinkInput, PayApiError } from "../src/index.js";
import { PageServer } from "./payment-page-server.js";
import { sandboxClient } from "./support/merchant.js";

let server: PageServer;

beforeAll(async () => {
  server = await PageServer.start();
});
beforeEach(() => server.requests.splice(0));
afterAll(() => server.close());

const order: PageLinkInput = {
  oid: "order-1",
  price: 15_000,
  goodsName: "책",
  payType: "card",
  nextUrl: "https://shop.example/payments/return/t0ken",
  returnUrl: "https://shop.example/payments/done",
};

const create = (input: PageLinkInput) => sandboxClient({ baseUrl: server.origin }).page.createLink(input);

async function sent(input: Partial<PageLinkInput>): Promise<URLSearchParams> {
  await create({ ...order, ...input });
  return server.requests.at(-1)?.form ?? new URLSearchParams();
}

const isp = "twotrs_isp=Y&block_isp=Y&twotrs_isp_noti=N";
const app = "apprun_check=Y";
const card = `${isp}&${app}`;
const iPhone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const android =
  "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 KAKAOTALK 11";

describe("page.createLink", () => {
  it.each<[Partial<PageLinkInput>, string]>([
    [{}, card],
    [{ price: 999 }, `${isp}&below1000=Y&${app}`],
    [{ price: 1_000 }, card],
    [{ escrow: true }, `${isp}&useescrow=Y&${app}`],
    [{ escrow: false }, card],
    [{ price: 500, escrow: true }, `${isp}&below1000=Y&useescrow=Y&${app}`],
    [{ payType: "bank" }, "twotrs_bank=Y&apprun_check=Y"],
    [{ payType: "bank", price: 500 }, "twotrs_bank=Y&apprun_check=Y"],
    [{ payType: "bank", escrow: true }, "twotrs_bank=Y&useescrow=Y&apprun_check=Y"],
    [{ payType: "vbank", userAgent: iPhone }, isp],
    [{ payType: "hpp", price: 500, hppMethod: "physical-goods" }, isp],
    [{ token: "t0ken_unguessable-1" }, `${card}&P_NOTI=t0ken_unguessable-1`],
    [{ reserved: "block_isp=N&x=1" }, `twotrs_isp=Y&block_isp=N&twotrs_isp_noti=N&${app}&x=1`],
    [{ userAgent: android, price: 300_000 }, card],
    [{ userAgent: iPhone, price: 299_999 }, card],
    [{ userAgent: iPhone, price: 300_000 }, `${card}&ismart_use_sign=Y`],
    [{ userAgent: iPhone, price: 300_000, payType: "bank" }, "twotrs_bank=Y&apprun_check=Y"],
    [{ userAgent: `${iPhone} KAKAOTALK 11.1` }, `${isp}&app_scheme=kakaotalk://`],
    [{ userAgent: `${iPhone} NAVER(inapp; search; 2000)` }, `${isp}&app_scheme=naversearchapp://`],
    [{ userAgent: `${iPhone} DaumApps/7` }, `${isp}&app_scheme=daumapps://open`],
    [{ userAgent: `${iPhone} [FBAN/FBIOS;FBAV/490]` }, `${isp}&app_scheme=fb://`],
    [
      { userAgent: `${iPhone} CriOS/131.0 Safari`, payType: "bank" },
      "twotrs_bank=Y&app_scheme=googlechromes://",
    ],
  ])("with %j asks for the options %s", async (input, reserved) => {
    expect((await sent(input)).get("P_RESERVED")).toBe(reserved);
  });

  it("returns the link, and sends the rest as smsPay.createLink does", async () => {
    const result = await create({ ...order, notiUrl: "https://shop.example/n" });
    expect(result.url).toBe(`${server.origin}/p/1`);
    expect(Object.fromEntries(server.requests[0]?.form ?? [])).toMatchObject({
      payType: "card",
      P_OID: "order-1",
      P_AMT: "15000",
      P_GOODS: "책",
      P_NEXT_URL: order.nextUrl,
      P_RETURN_URL: order.returnUrl,
      P_NOTI_URL: "https://shop.example/n",
    });
  });

  it("requests UTF-8 by default", async () => {
    expect((await sent({})).get("P_CHARSET")).toBe("utf8");
  });

  it.each<[unknown, string]>([
    [undefined, "input"],
    [null, "input"],
    ["text", "input"],
    [{ ...order, escrow: "yes" }, "escrow"],
    [{ ...order, charset: "euc-kr" }, "charset"],
    [{ ...order, payType: "hpp" }, "hppMethod"],
    [{ ...order, userAgent: 7 }, "userAgent"],
    [{ ...order, token: "short" }, "token"],
    [{ ...order, token: "with=separator&more" }, "token"],
    [{ ...order, token: "x".repeat(65), escrow: 1 }, "escrow token"],
    [{ ...order, reserved: "" }, "reserved"],
    [{ ...order, reserved: "no pair" }, "reserved"],
    [{ ...order, reserved: 7 }, "reserved"],
    [{ ...order, reserved: "x=a=b" }, "reserved"],
    [{ ...order, reserved: "a=b\r\nc=d" }, "reserved"],
    [{ ...order, reserved: `x=${"y".repeat(300)}` }, "reserved"],
    [{ ...order, nextUrl: "http://shop.example/" }, "nextUrl"],
    [{ ...order, nextUrl: `https://shop.example/${"x".repeat(100)}` }, "nextUrl"],
    [{ ...order, oid: "주문" }, "oid"],
    [{ ...order, goodsName: "a&b" }, "goodsName"],
    [{ ...order, unknown: 1 }, "unknown"],
    [{}, "payType goodsName oid price returnUrl nextUrl"],
  ])("rejects %j before anything is sent", async (input, fields) => {
    const error: unknown = await create(input as PageLinkInput).catch((thrown: unknown) => thrown);
    if (!(error instanceof PayApiError)) throw error;
    expect(error).toMatchObject({ code: "invalid-input", outcome: "not-sent" });
    expect(error.problems?.map(({ field }) => field).join(" ")).toBe(fields);
    expect(server.requests).toEqual([]);
  });
});
