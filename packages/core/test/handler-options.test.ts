import { describe, expect, it } from "vitest";
import { createPayApiHandler, type PayApiHandlerOptions, routeGroups } from "../src/handler/index.js";
import { isPayApiError } from "../src/index.js";
import type { FullRecord } from "../src/record/index.js";
import { sandboxClient } from "./support/merchant.js";

const none = async (): Promise<never> => {
  throw new Error("not asked for anything here");
};

const record: FullRecord = {
  reserveApproval: none,
  reserveCancel: none,
  markSending: none,
  settle: none,
  findOrder: none,
  countAttempt: none,
  forgiveAttempt: none,
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
  settleKeyDeletion: none,
};

const whole: PayApiHandlerOptions = {
  payapi: sandboxClient(),
  record,
  orders: { find: async () => undefined },
  authorize: () => false,
  authorizeBillingKey: () => false,
  account: () => undefined,
  clientAddress: () => "127.0.0.1",
  returnTo: (orderId) => `/orders/${orderId}`,
  publicOrigin: "https://shop.example",
  basePath: "/payments",
  groups: routeGroups,
};

/** The names of what is wrong; none if the handler was made. */
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
  it("may be whole", () => {
    expect(wrong({})).toEqual([]);
  });

  it.each([
    ["cards", ["record", "orders", "authorize", "clientAddress"]],
    ["card-prefix", ["orders", "authorize", "clientAddress"]],
    ["page", ["record", "orders", "authorize", "returnTo"]],
    ["orders", ["record", "orders", "authorize"]],
    ["billing-keys", ["record", "authorizeBillingKey", "account", "clientAddress"]],
    ["charges", ["record", "orders", "authorize"]],
    ["cancels", ["record", "orders", "authorize"]],
    ["escrow", ["record", "orders", "authorize", "clientAddress"]],
    ["escrow-status", ["orders", "authorize", "clientAddress"]],
    ["notifications", ["clientAddress", "record"]],
  ] as const)("must have what the group %s needs, and no more: %j", (group, needed) => {
    const bare = Object.fromEntries(
      ["record", "orders", "authorize", "authorizeBillingKey", "account", "clientAddress", "returnTo"].map(
        (name) => [name, undefined],
      ),
    );
    expect(wrong({ ...bare, groups: [group] })).toEqual(needed);
    expect(wrong({ groups: [group] })).toEqual([]);
  });

  it("names the group that is none", () => {
    const groups = ["card", "orders"] as unknown as PayApiHandlerOptions["groups"];
    expect(() => createPayApiHandler({ ...whole, groups })).toThrow(/"notifications", and not "card"$/);
  });

  it.each([
    ["https://가게.example", "https://xn--o39akk.example"],
    ["https://Shop.example", "https://shop.example"],
    ["https://shop.example:443/", "https://shop.example"],
    ["http://user:s3cret@shop.example:8080/path?x=1", "http://shop.example:8080"],
  ])("says for the public origin %s what browsers send", (publicOrigin, sent) => {
    const make = () => createPayApiHandler({ ...whole, publicOrigin });
    expect(make).toThrow(new RegExp(`publicOrigin: must be an origin .*; browsers call it "${sent}"$`));
    expect(make).not.toThrow("s3cret");
    expect(wrong({ publicOrigin: sent })).toEqual([]);
  });

  it("names the methods a record lacks", () => {
    const { openLink: _, ...partial } = record;
    const make = () => createPayApiHandler({ ...whole, record: partial, groups: ["cards", "page"] });
    expect(make).toThrow(/record: has no openLink, which the group "page" needs/);
  });

  it.each(["billing-keys", "charges"] as const)(
    "must have a record that says nothing against keeping keys, for the group %s",
    (group) => {
      const without = { ...record, whyNoKeys: () => "Give it a secret." };
      const make = () => createPayApiHandler({ ...whole, record: without, groups: ["cards", group] });
      const words = `record: keeps no billing keys, which the group "${group}" needs: Give it a secret.`;
      expect(make).toThrow(words);
      expect(wrong({ record: without, groups: ["cards"] })).toEqual([]);
      for (const fine of [() => undefined, async () => undefined]) {
        expect(wrong({ record: { ...record, whyNoKeys: fine }, groups: [group] })).toEqual([]);
      }
    },
  );

  it("must have a record that knows its own, where anybody may notify and is counted", () => {
    const { findNotified: _, countAttempt: __, ...partial } = record;
    const options = { record: partial, groups: ["notifications"] };
    expect(wrong(options)).toEqual([]);
    expect(wrong({ ...options, sources: "unlisted" })).toEqual(["record"]);
    expect(wrong({ ...options, sources: "unlisted", notificationLimits: false })).toEqual([]);
    expect(wrong({ ...options, sources: "unlisted", onNotification: none })).toEqual([]);
  });

  it.each([
    [{ groups: [] }, "groups"],
    [{ groups: ["card"] }, "groups"],
    [{ groups: "cards" }, "groups"],
    [{ publicOrigin: "shop.example" }, "publicOrigin"],
    [{ publicOrigin: "https://shop.example/" }, "publicOrigin"],
    [{ publicOrigin: "ftp://shop.example" }, "publicOrigin"],
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
    [{ attemptLimits: { perCard: 0 } }, "attemptLimits"],
    [{ attemptLimits: { perCard: "5" } }, "attemptLimits"],
    [{ attemptLimits: true }, "attemptLimits"],
    [{ notificationLimits: { perAddress: 0 } }, "notificationLimits"],
    [{ notificationLimits: { inAll: 1.5 } }, "notificationLimits"],
    [{ notificationLimits: true }, "notificationLimits"],
    [{ notificationCharsets: { deposit: "ks-c-5601" } }, "notificationCharsets"],
    [{ notificationCharsets: "utf-8" }, "notificationCharsets"],
    [{ escrowAcknowledgement: "OK" }, "escrowAcknowledgement"],
    [{ logger: { error: () => {} } }, "logger"],
    [{ logger: "console" }, "logger"],
    [{ context: "alice" }, "context"],
    [{ actor: "alice" }, "actor"],
    [{ onNotification: "yes" }, "onNotification"],
    [{ payapi: undefined, sources: "unlisted" }, "payapi"],
  ])("may not be %j", (options, field) => {
    expect(wrong(options)).toEqual([field]);
  });

  it.each([
    [{ sources: "unlisted" }],
    [{ sources: ["118.130.130.26", "118.129.171.152/31", "2001:db8::/32"] }],
    [{ attemptLimits: false, clientAddress: () => undefined }],
    [{ attemptLimits: { perCard: 3, windowMs: 1_000 } }],
    [{ sources: "unlisted", notificationLimits: { perAddress: 3, inAll: 5, perOrder: 2, windowMs: 1_000 } }],
    [{ sources: "unlisted", notificationLimits: false }],
    [{ notificationKey: "abcdefghijklmnop" }],
    [{ notificationCharsets: { deposit: "utf-8", escrow: undefined }, escrowAcknowledgement: "ok" }],
    [{ basePath: "" }],
  ])("may be %j", (options) => {
    expect(wrong(options)).toEqual([]);
  });

  it("must say outside the sandbox where notifications come from, and be https in production", () => {
    const payapi = { ...sandboxClient(), environment: "production" };
    expect(wrong({ payapi })).toEqual(["sources"]);
    expect(wrong({ payapi, sources: "unlisted" })).toEqual([]);
    expect(wrong({ payapi, sources: "unlisted", publicOrigin: "http://shop.example" })).toEqual([
      "publicOrigin",
    ]);
  });

  it("takes notifications without a record, by the merchant's own function", () => {
    const options = { record: undefined, groups: ["notifications"], onNotification: async () => {} };
    expect(wrong(options)).toEqual([]);
  });
});
