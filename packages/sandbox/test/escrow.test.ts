import { operations } from "@payapi/core/operations";
import { describe, expect, test } from "vitest";
import { sandboxMerchant } from "../src/index.js";
import { approve, cancelForm, paths, post } from "./support/merchant.js";
import { sandboxFor } from "./support/sandbox.js";
import {
  acceptRejection,
  clientIp,
  confirm,
  deliver,
  deliveryForm,
  reject,
  rejectForm,
  servicePaths,
  signed,
  statusOf,
} from "./support/services.js";

const DAY_MS = 24 * 60 * 60 * 1000;

async function paid(options: Parameters<typeof sandboxFor>[0] = {}, payType = "card") {
  const sandbox = await sandboxFor(options);
  const { tid } = sandbox.outside.payWithEscrow({ oid: "order-1", price: 15000, payType });
  const state = () => sandbox.book.escrow.find((purchase) => purchase.tid === tid)?.state;
  return { ...sandbox, book: sandbox.book, tid, state };
}
const code = async (reply: ReturnType<typeof confirm>) => (await reply).json.ResultCode;

describe("escrow", () => {
  test("goes from payment over delivery to the buyer's confirmation", async () => {
    const { url, tid, state, book } = await paid();
    const registered = await deliver(url, tid, "order-1");
    expect(Object.keys(registered.json)).toEqual(["ResultCode", "ResultMsg", "ResultDate", "ResultTime"]);
    expect(registered.json.ResultCode).toBe("310000");
    expect(`${registered.json.ResultDate}${registered.json.ResultTime}`).toMatch(/^\d{14}$/);
    expect(state()).toBe("delivery-registered");
    expect(await code(confirm(url, tid))).toBe("310000");
    expect(state()).toBe("confirmed");
    expect((await statusOf(url, tid)).json).toMatchObject({ ResultCode: "00", clStatus: "3" });
    expect(book.find(tid)?.remaining).toBe(15000);
    expect(book.requests.map(({ outcome }) => outcome)).toEqual(["committed", "committed", "answered"]);
  });

  test("refunds the buyer when the seller accepts the rejection", async () => {
    const { url, tid, state, book } = await paid();
    await deliver(url, tid, "order-1");
    expect(await code(acceptRejection(url, tid))).toBe("310020");
    expect(await code(reject(url, tid))).toBe("310000");
    expect((await statusOf(url, tid)).json).toMatchObject({ clStatus: "10", msgDeny: "단순 변심" });
    expect(book.find(tid)?.remaining).toBe(15000);
    expect(await code(acceptRejection(url, tid))).toBe("310000");
    expect(state()).toBe("refunded");
    expect(book.find(tid)).toMatchObject({ remaining: 0, cancels: [{ kind: "escrow", price: 15000 }] });
    expect((await statusOf(url, tid)).json.clStatus).toBe("10");
    expect(await code(acceptRejection(url, tid))).toBe("310020");
  });

  test("answers the status with the table's fields", async () => {
    const { url, tid } = await paid({ clock: { at: new Date("2026-11-21T14:59:59Z") } }, "vbank");
    const { json } = await statusOf(url, tid);
    const names = Object.values(operations.escrow.getStatus.reply).map(({ wire }) => wire);
    expect(Object.keys(json)).toEqual(["ResultCode", "ResultMsg", ...names]);
    expect(json).toMatchObject({
      ResultCode: "00",
      idMerchant: "sandbox001",
      noOid: "order-1",
      noTid: tid,
      clStatus: "0",
      dtAppl: "20261121",
      clPaymethod: "17",
      price: "15000",
      msgDeny: "",
    });
  });

  test.each([
    ["a confirmation before delivery", [], confirm, "310015"],
    ["a rejection before delivery", [], reject, "310017"],
    ["a second confirmation", [deliverOne, confirm], confirm, "310014"],
    ["a rejection after the confirmation", [deliverOne, confirm], reject, "310014"],
    ["a delivery after the confirmation", [deliverOne, confirm], deliverOne, "310014"],
    // The guide's own 00: processed, or rejected already. It is no success of 6.3.
    ["a second rejection", [deliverOne, reject], reject, "00"],
    ["a confirmation after the rejection", [deliverOne, reject], confirm, "310015"],
    ["a delivery after the rejection", [deliverOne, reject], deliverOne, "1012"],
    ["a decision after the refund", [deliverOne, reject, acceptRejection], confirm, "310020"],
    ["a decision after a cancel", [deliverOne, cancelAll], reject, "310020"],
    ["a delivery after a cancel", [cancelAll], deliverOne, "1012"],
    ["a parcel registered twice", [deliverOne], deliverOne, "1010"],
  ])("%s", async (_, steps, last, expected) => {
    const { url, tid } = await paid();
    for (const step of steps) await step(url, tid);
    expect(await code(last(url, tid))).toBe(expected);
  });

  test("counts and changes parcels by their number", async () => {
    const { url, tid, book } = await paid();
    expect(await code(deliver(url, tid, "order-1", { report: "U" }))).toBe("1011");
    await deliver(url, tid, "order-1");
    await deliver(url, tid, "order-1", { soid: "2", invoice: "222" });
    expect(await code(deliver(url, tid, "order-1", { soid: "2", report: "U", invoice: "333" }))).toBe(
      "310000",
    );
    expect(book.escrow[0]?.deliveries).toMatchObject([
      { soid: "1", invoice: "1234567890", exCode: "cjgls" },
      { soid: "2", invoice: "333", changedAt: expect.any(String) },
    ]);
  });

  test("keeps names, addresses and accounts out of the book", async () => {
    const { url, tid, book } = await paid();
    await deliver(url, tid, "order-1");
    await post(url, servicePaths.rejectPurchase, { ...rejectForm(tid), refundAccount: "1102223334445" });
    expect(JSON.stringify(book)).not.toMatch(/홍길동|종로구|1102223334445|010-/);
  });

  test("rejects ordinary, mismatched, other merchants' and unknown payments", async () => {
    const other = { ...sandboxMerchant, mid: "sandbox002" };
    const { url, tid } = await paid({ merchants: [sandboxMerchant, other] });
    const plain = await approve(url, "order-2");
    for (const unknown of [plain, "none"]) {
      expect(await code(deliver(url, unknown, "order-2"))).toBe("310026");
      expect(await code(confirm(url, unknown))).toBe("310026");
      expect(await code(reject(url, unknown))).toBe("310026");
      expect(await code(acceptRejection(url, unknown))).toBe("310026");
      expect(await code(statusOf(url, unknown))).toBe("310026");
    }
    expect(await code(deliver(url, tid, "order-9"))).toBe("310026");
    const foreign = signed({ mid: "sandbox002", clientIp, tid });
    expect(await code(post(url, servicePaths.getStatus, foreign))).toBe("310026");
  });

  test("shows whether a cancel was made on the same day", async () => {
    // The last hour of the day in Korea.
    const at = new Date("2026-11-21T14:30:00Z");
    const sameDay = await paid({ clock: { at, frozen: true } });
    await cancelAll(sameDay.url, sameDay.tid);
    expect((await statusOf(sameDay.url, sameDay.tid)).json.clStatus).toBe("1");
    const later = await paid({ clock: { at, frozen: true } });
    await later.clock.advance(DAY_MS / 24);
    await cancelAll(later.url, later.tid);
    expect((await statusOf(later.url, later.tid)).json.clStatus).toBe("2");
  });

  test.each([
    ["an address of version 6", { clientIp: "::1" }, "clientIp"],
    ["a date that is none", { invoiceDay: "20260231" }, "invoiceDay"],
    ["a date with hyphens", { invoiceDay: "2026-11-21" }, "invoiceDay"],
    ["a postcode with a hyphen", { sendPost: "123-456" }, "sendPost"],
    ["half a parcel", { goodsCnt: "0.5" }, "goodsCnt"],
    ["no parcel", { goodsCnt: "0" }, "goodsCnt"],
    ["another word for who pays", { charge: "X" }, "charge"],
  ])("rejects a malformed request: %s", async (_, more, field) => {
    const { url, tid } = await paid();
    const { status, json } = await post(
      url,
      servicePaths.registerDelivery,
      deliveryForm(tid, "order-1", more),
    );
    expect([status, json.ResultCode]).toEqual([400, "9008"]);
    expect(json.ResultMsg).toContain(`(${field})`);
  });

  test("can have service 6.4 at the path of 6.3, as in the guide's later edition", async () => {
    const merchant = {
      ...sandboxMerchant,
      paths: { "escrow.confirmRejection": servicePaths.rejectPurchase },
    };
    const { url, tid, state, book } = await paid({ merchants: [merchant] });
    await deliver(url, tid, "order-1");
    expect(await code(reject(url, tid))).toBe("310000");
    expect(await code(acceptRejection(url, tid, servicePaths.rejectPurchase))).toBe("310000");
    expect(state()).toBe("refunded");
    expect((await acceptRejection(url, tid)).status).toBe(404);
    expect(book.requests.map(({ operation }) => operation)).toEqual([
      "escrow.registerDelivery",
      "escrow.rejectPurchase",
      "escrow.confirmRejection",
      undefined,
    ]);
  });
});

function deliverOne(url: string, tid: string) {
  return deliver(url, tid, "order-1");
}

function cancelAll(url: string, tid: string) {
  return post(url, paths.cancel, cancelForm(tid, { price: "15000" }));
}
