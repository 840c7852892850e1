import { describe, expect, it } from "vitest";
import { createPayApiHandler, type PayApiHandlerOptions, routeGroups } from "../src/handler/index.js";
import { isPayApiError } from "../src/index.js";
import type { FullPaymentStore } from "../src/store/index.js";
import { sandboxClient } from "./support/merchant.js";

const none = async (): Promise<never> => {
  throw new Error("not asked for anything here");
};

const store: FullPaymentStore = {
  reserveApproval: none,
  reserveCancel: none,
  markSending: none,
  settle: none,
  findOrder: none,
  consumeRateLimit: none,
  releaseRateLimit: none,
  beginRequest: none,
  endRequest: none,
  openLink: none,
  settleLink: none,
  findLink: none,
  closeLink: none,
  awaitDeposit: none,
  receiveNotification: none,
  findNotified: none,
  reserveKey: none,
  markKeySending: none,
  settleKey: none,
  findKey: none,
  revealKey: none,
  reserveKeyDeletion: none,
  reserveKeyDeletionRetry: none,
  settleKeyDeletion: none,
};

const whole: PayApiHandlerOptions = {
  payapi: sandboxClient(),
  ledger: { store },
  orders: { find: async () => undefined },
  authorize: () => false,
  authorizeBillingKey: () => false,
  customerId: () => undefined,
  clientAddress: () => "127.0.0.1",
  returnTo: (orderId) => `/orders/${orderId}`,
  publicUrl: "https://shop.example",
  basePath: "/payments",
  groups: routeGroups,
};

/** The names of the wrong options; empty if the handler was created. */
function wrong(options: object): string[] {
  try {
    createPayApiHandler({ ...whole, ...options } as PayApiHandlerOptions);
    return [];
  } catch (error) {
    if (!isPayApiError(error) || error.code !== "invalid-config") throw error;
    return (error.problems ?? []).map(({ field }) => field);
  }
}

describe("the handler's options", () => {
  it("accept every option", () => {
    expect(wrong({})).toEqual([]);
  });

  it.each([
    ["cards", ["ledger", "orders", "authorize", "clientAddress"]],
    ["card-prefix", ["ledger", "orders", "authorize", "clientAddress"]],
    ["page", ["ledger", "orders", "authorize", "returnTo"]],
    ["orders", ["ledger", "orders", "authorize"]],
    ["billing-keys", ["ledger", "authorizeBillingKey", "customerId", "clientAddress"]],
    ["charges", ["ledger", "orders", "authorize"]],
    ["cancels", ["ledger", "orders", "authorize"]],
    ["escrow", ["ledger", "orders", "authorize", "clientAddress"]],
    ["escrow-status", ["ledger", "orders", "authorize", "clientAddress"]],
    ["notifications", ["ledger", "clientAddress"]],
  ] as const)("require exactly what the group %s needs: %j", (group, needed) => {
    const bare = Object.fromEntries(
      ["ledger", "orders", "authorize", "authorizeBillingKey", "customerId", "clientAddress", "returnTo"].map(
        (name) => [name, undefined],
      ),
    );
    expect(wrong({ ...bare, groups: [group] })).toEqual(needed);
    expect(wrong({ groups: [group] })).toEqual([]);
  });

  it("report an unknown group", () => {
    const groups = ["card", "orders"] as unknown as PayApiHandlerOptions["groups"];
    expect(() => createPayApiHandler({ ...whole, groups })).toThrow(/"notifications", and not "card"$/);
  });

  it.each([
    ["https://가게.example", "https://xn--o39akk.example"],
    ["https://Shop.example", "https://shop.example"],
    ["https://shop.example:443/", "https://shop.example"],
    ["https://shop.example/shop/", "https://shop.example/shop"],
    ["http://user:s3cret@shop.example:8080/path?x=1", "http://shop.example:8080/path"],
  ])("suggest for the public URL %s how browsers write it", (publicUrl, sent) => {
    const make = () => createPayApiHandler({ ...whole, publicUrl });
    expect(make).toThrow(new RegExp(`publicUrl: must be the shop's address .*; write "${sent}"$`));
    expect(make).not.toThrow("s3cret");
    expect(wrong({ publicUrl: sent })).toEqual([]);
  });

  it.each(["billing-keys", "charges"] as const)(
    "require a ledger that can store billing keys for the group %s",
    (group) => {
      const without = { ...store, whyNoKeys: () => "Give it a secret." };
      const make = () =>
        createPayApiHandler({ ...whole, ledger: { store: without }, groups: ["cards", group] });
      const words = `ledger: cannot store billing keys, which the group "${group}" needs: Give it a secret.`;
      expect(make).toThrow(words);
      expect(wrong({ ledger: { store: without }, groups: ["cards"] })).toEqual([]);
      for (const fine of [() => undefined, async () => undefined]) {
        expect(wrong({ ledger: { store: { ...store, whyNoKeys: fine } }, groups: [group] })).toEqual([]);
      }
    },
  );

  it.each([
    [{ groups: [] }, "groups"],
    [{ groups: ["card"] }, "groups"],
    [{ groups: "cards" }, "groups"],
    [{ publicUrl: "shop.example" }, "publicUrl"],
    [{ publicUrl: "https://shop.example/" }, "publicUrl"],
    [{ publicUrl: "https://shop.example/shop/" }, "publicUrl"],
    [{ publicUrl: "https://shop.example/a b" }, "publicUrl"],
    [{ publicUrl: "https://shop.example/shop?x=1" }, "publicUrl"],
    [{ publicUrl: "ftp://shop.example" }, "publicUrl"],
    [{ basePath: "payments" }, "basePath"],
    [{ basePath: "/payments/" }, "basePath"],
    [{ basePath: "/pay ments" }, "basePath"],
    [{ basePath: undefined }, "basePath"],
    [{ basePath: `/${"p".repeat(60)}` }, "basePath"],
    [{ trustedProxies: [] }, "trustedProxies"],
    [{ trustedProxies: ["10.0.0.0/99"] }, "trustedProxies"],
    [{ trustedProxies: "10.0.0.1" }, "trustedProxies"],
    [{ sources: [] }, "sources"],
    [{ sources: ["gateway.example"] }, "sources"],
    [{ sources: "all" }, "sources"],
    [{ notificationKey: "short" }, "notificationKey"],
    [{ notificationKey: "with/a/slash/in/it-long" }, "notificationKey"],
    [{ notificationUrl: "/notifications" }, "notificationUrl"],
    [{ rateLimits: { perCard: 0 } }, "rateLimits"],
    [{ rateLimits: { perCard: "5" } }, "rateLimits"],
    [{ rateLimits: true }, "rateLimits"],
    [{ notificationLimits: { perAddress: 0 } }, "notificationLimits"],
    [{ notificationLimits: { inAll: 1.5 } }, "notificationLimits"],
    [{ notificationLimits: true }, "notificationLimits"],
    [{ notificationCharsets: { deposit: "ks-c-5601" } }, "notificationCharsets"],
    [{ notificationCharsets: "utf-8" }, "notificationCharsets"],
    [{ escrowAcknowledgement: "OK" }, "escrowAcknowledgement"],
    [{ logger: console }, "logger"],
    [{ logger: { warn: () => {}, error: () => {} } }, "logger"],
    [{ logger: "console" }, "logger"],
    [{ context: "alice" }, "context"],
    [{ actor: "alice" }, "actor"],
    [{ ledger: { reserveApproval: none } }, "ledger"],
    [{ payapi: undefined, sources: "unlisted" }, "payapi"],
    [{ payapi: { environment: "sandbox", mid: "sandbox001" } }, "payapi"],
  ])("reject %j", (options, field) => {
    expect(wrong(options)).toEqual([field]);
  });

  it.each([
    [{ sources: "unlisted" }],
    [{ sources: ["118.130.130.26", "118.129.171.152/31", "2001:db8::/32"] }],
    [{ rateLimits: false, clientAddress: () => undefined }],
    [{ rateLimits: { perCard: 3, windowMs: 1_000 } }],
    [{ sources: "unlisted", notificationLimits: { perAddress: 3, inAll: 5, perOrder: 2, windowMs: 1_000 } }],
    [{ sources: "unlisted", notificationLimits: false }],
    [{ notificationKey: "abcdefghijklmnop" }],
    [{ notificationCharsets: { deposit: "utf-8", escrow: undefined }, escrowAcknowledgement: "ok" }],
    [{ basePath: "" }],
    [{ publicUrl: "https://shop.example/shop/v1" }],
    [{ logger: async () => {} }],
  ])("accept %j", (options) => {
    expect(wrong(options)).toEqual([]);
  });

  it("require sources outside the sandbox, and https in production", () => {
    const payapi = { ...sandboxClient(), environment: "production" };
    expect(wrong({ payapi })).toEqual(["sources"]);
    expect(wrong({ payapi, sources: "unlisted" })).toEqual([]);
    expect(wrong({ payapi, sources: "unlisted", publicUrl: "http://shop.example" })).toEqual(["publicUrl"]);
  });

  describe.each(["test", "production"])("in the environment %s", (environment) => {
    const payapi = { ...sandboxClient(), environment };
    const tooWide = "wider than /8 of IPv4 or /16 of IPv6";
    const gateway = "118.129.171.152/31";

    it.each([
      ["0.0.0.0/0", tooWide],
      ["118.0.0.0/7", tooWide],
      ["::/0", tooWide],
      ["2000::/3", tooWide],
      ["2400::/15", tooWide],
      ["::ffff:0:0/96", tooWide],
      ["::ffff:118.0.0.0/103", tooWide],
      ["::/64", tooWide],
      ["64:ff9b::/96", tooWide],
      ["0.0.0.0", "unspecified"],
      ["0.0.0.0/8", "unspecified"],
      ["127.0.0.1", "loopback"],
      ["127.0.0.0/8", "loopback"],
      ["127.9.8.7/31", "loopback"],
      ["10.0.0.0/8", "private"],
      ["10.255.255.255", "private"],
      ["172.16.0.1", "private"],
      ["172.31.255.0/24", "private"],
      ["172.0.0.0/8", "private"],
      ["192.168.0.0/16", "private"],
      ["192.0.0.0/8", "private"],
      ["100.64.0.1", "private (carrier-grade NAT)"],
      ["100.127.255.255", "private (carrier-grade NAT)"],
      ["169.254.169.254", "link-local"],
      ["224.0.0.1", "multicast"],
      ["255.255.255.255", "reserved"],
      ["::", "unspecified"],
      ["::1", "loopback"],
      ["0:0:0:0:0:0:0:1", "loopback"],
      ["::/120", "unspecified"],
      ["fd12:3456::/32", "unique local"],
      ["FE80::1", "link-local"],
      ["ff02::1", "multicast"],
      ["::ffff:127.0.0.1", "loopback"],
      ["::FFFF:7f00:1", "loopback"],
      ["0:0:0:0:0:ffff:10.0.0.0/104", "private"],
    ])("rejects %s among sources: %s", (entry, why) => {
      const make = () =>
        createPayApiHandler({ ...whole, payapi, sources: [gateway, entry] } as PayApiHandlerOptions);
      expect(make).toThrow(`sources: must not contain "${entry}" (${why}) outside the sandbox`);
      expect(make).toThrow(/List the addresses that the gateway gave you, or write "unlisted"/);
      expect(make).not.toThrow(gateway);
      expect(wrong({ payapi, sources: [gateway, entry] })).toEqual(["sources"]);
      expect(wrong({ sources: [gateway, entry] })).toEqual([]);
    });

    it.each([
      "118.130.130.26",
      gateway,
      "118.0.0.0/8",
      "11.0.0.1",
      "100.63.255.255",
      "100.128.0.0/16",
      "172.15.255.255",
      "172.32.0.0/16",
      "192.167.255.255",
      "128.0.0.1",
      "223.255.255.255",
      "2001:db8::/32",
      "2400::/16",
      "fbff:ffff::1",
      "::ffff:118.130.130.26",
      "::2",
    ])("accepts %s among sources", (entry) => {
      expect(wrong({ payapi, sources: [entry] })).toEqual([]);
    });

    it.each(["0.0.0.0/0", "128.0.0.0/1", "::/0", "2000::/3", "fc00::/6", "::ffff:0:0/96", "64:ff9b::/96"])(
      "rejects %s among trusted proxies",
      (entry) => {
        const trustedProxies = ["10.0.0.0/8", entry];
        const make = () =>
          createPayApiHandler({
            ...whole,
            payapi,
            sources: "unlisted",
            trustedProxies,
          } as PayApiHandlerOptions);
        expect(make).toThrow(`trustedProxies: must not contain "${entry}" (${tooWide}) outside the sandbox`);
        expect(make).toThrow(/List the addresses of your own proxies/);
        // Also where no notifications are taken: limits count by the same address.
        expect(wrong({ payapi, groups: ["cards"], trustedProxies })).toEqual(["trustedProxies"]);
        expect(wrong({ trustedProxies })).toEqual([]);
      },
    );

    it.each([
      "127.0.0.1",
      "::1",
      "10.0.0.0/8",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "100.64.0.0/10",
      "169.254.0.0/16",
      "fc00::/7",
      "fe80::/10",
      "::ffff:10.0.0.0/104",
      "104.16.0.0/13",
      "2606:4700::/32",
    ])("accepts %s among trusted proxies", (entry) => {
      expect(wrong({ payapi, sources: "unlisted", trustedProxies: [entry] })).toEqual([]);
    });

    it("reports every invalid entry of both lists at once", () => {
      const options = {
        payapi,
        sources: ["127.0.0.1", gateway, "::/0"],
        trustedProxies: ["0.0.0.0/1", "128.0.0.0/1"],
      };
      expect(wrong(options)).toEqual(["trustedProxies", "sources"]);
      const make = () => createPayApiHandler({ ...whole, ...options } as PayApiHandlerOptions);
      expect(make).toThrow(`must not contain "127.0.0.1" (loopback), "::/0" (${tooWide}) outside`);
      expect(make).toThrow(`must not contain "0.0.0.0/1" (${tooWide}), "128.0.0.0/1" (${tooWide}) outside`);
    });

    it("ignores sources without the notifications group", () => {
      expect(wrong({ payapi, groups: ["cards"], sources: ["127.0.0.1"] })).toEqual([]);
    });
  });
});
