import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, type Shop } from "./support/shop.js";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

describe("prefix", () => {
  it("names the company in both languages", async () => {
    const run = await shop.tool(["prefix", "411111"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/company +Visa \(foreign\) \(해외비자\) · 21/);
    expect(run.stdout).toMatch(/type +credit \(신용\)/);
    expect((await shop.tool(["prefix", "400005", "--json"])).json()).toEqual({
      ok: true,
      command: "prefix",
      exitCode: 0,
      result: {
        prefix: "400005",
        cardCode: "21",
        cardType: "debit",
        cardName: expect.any(String),
        company: { en: "Visa (foreign)", ko: "해외비자" },
      },
    });
  });

  it.each(["4111111111111111", "4111-1111-1111-1111", "41111", "4111111", "41111a"])(
    "takes six digits only, and does not repeat others: %s",
    async (digits) => {
      const requests = shop.sandbox.book.requests.length;
      const run = await shop.tool(["prefix", digits]);
      expect(run).toMatchObject({ code: 2, stdout: "" });
      expect(run.stderr).not.toContain(digits);
      expect(run.stderr).toContain("delete it from your shell's history");
      expect(shop.sandbox.book.requests).toHaveLength(requests);
    },
  );

  it("tells the gateway's no, no answer, and no gateway apart", async () => {
    expect((await shop.tool(["prefix", "999999", "--json"])).json()).toMatchObject({
      exitCode: 1,
      error: { code: "refused", resultCode: expect.any(String), resultMessage: expect.any(String) },
    });
    shop.sandbox.faults.add({ fault: "html", operation: "cards.lookupPrefix", times: 3 });
    expect((await shop.tool(["prefix", "411111", "--json"])).json()).toMatchObject({
      exitCode: 1,
      error: { code: "reply-invalid" },
    });
    await shop.sandbox.faults.clear();
    const unreachable = await shop.tool(["prefix", "411111"], { PAYAPI_URL: "http://127.0.0.1:1" });
    expect(unreachable.code).toBe(5);
  });
});

describe("link", () => {
  const order = ["--oid", "ORDER-1", "--price", "15000", "--goods", "사과 한 상자"];
  const urls = ["--next-url", "https://shop.example/next/t0k3n", "--return-url", "https://shop.example/done"];

  it("gives the address to send to the buyer", async () => {
    const run = await shop.tool(["link", ...order, ...urls, "--json"]);
    expect(run.code).toBe(0);
    const { result } = run.json<{ expiresAt: string }>();
    expect(result).toEqual({
      url: shop.sandbox.book.links[0]?.url,
      oid: "ORDER-1",
      price: 15_000,
      expiresAt: expect.any(String),
    });
    const hours = (new Date(result.expiresAt).getTime() - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(71.9);
    expect(hours).toBeLessThanOrEqual(72);
    expect(shop.sandbox.book.links[0]).toMatchObject({ oid: "ORDER-1", price: 15_000, payType: "card" });
  });

  it("passes all its options on", async () => {
    const more = [
      "--oid",
      "ORDER-2",
      "--pay-type",
      "hpp",
      "--phone-goods",
      "physical-goods",
      "--installments",
      "1,2,3",
    ];
    const noti = ["--noti-url", "https://shop.example/noti", "--escrow"];
    const run = await shop.tool(["link", ...order.slice(2), ...urls, ...more, ...noti]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/valid until +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d KST/);
    expect(shop.sandbox.book.links.find(({ oid }) => oid === "ORDER-2")).toMatchObject({
      payType: "hpp",
      hppMethod: "2",
      notiUrl: "https://shop.example/noti",
      reserved: expect.objectContaining({ useescrow: "Y" }),
    });
  });

  it("says all that is wrong at once, by the options' names", async () => {
    const wrong = ["--oid", "주문".repeat(20), "--price", "15000", "--goods", "가".repeat(41)];
    const run = await shop.tool([
      "link",
      ...wrong,
      "--next-url",
      "ftp://shop.example",
      "--return-url",
      "https://shop.example/done",
    ]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    for (const name of ["--oid", "--goods", "--next-url"]) expect(run.stderr).toContain(`  ${name}: `);
    expect((await shop.tool(["link", ...order])).stderr).toContain("--next-url");
  });

  it("whose reply is lost ends with 3, and says that no money moved", async () => {
    shop.sandbox.faults.next({ fault: "reset-after-commit", operation: "smsPay.createLink" });
    const run = await shop.tool(["link", "--oid", "ORDER-3", ...order.slice(2), ...urls]);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("No money moved");
  });
});

describe("escrow-status", () => {
  it("says the state in both languages", async () => {
    const { tid } = shop.sandbox.outside.payWithEscrow({ oid: "escrow-1", price: 15_000 });
    const run = await shop.tool(["escrow-status", tid]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/state +approved \(승인\)/);
    expect(run.stdout).toMatch(/amount +15,000 won/);
    expect((await shop.tool(["escrow-status", tid, "--client-ip", "10.1.2.3", "--json"])).json()).toEqual({
      ok: true,
      command: "escrow-status",
      exitCode: 0,
      result: {
        tid,
        oid: "escrow-1",
        status: "approved",
        payMethod: "card",
        price: 15_000,
        approvedDate: expect.stringMatching(/^\d{8}$/),
        denyMsg: "",
      },
    });
  });

  it("is refused for what is no escrow payment", async () => {
    const { tid } = await shop.paid();
    expect((await shop.tool(["escrow-status", tid, "--json"])).json()).toMatchObject({
      exitCode: 1,
      error: { resultCode: "310026" },
    });
    expect((await shop.tool(["escrow-status"])).code).toBe(2);
    expect((await shop.tool(["escrow-status", tid, "--client-ip", "::1"])).code).toBe(2);
  });
});
