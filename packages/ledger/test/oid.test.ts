import { expect, it } from "vitest";
import { oidFor } from "../src/domain/attempts.js";

it.each([
  ["order-1", 1, "order-1-1"],
  ["A_b-9", 12, "A_b-9-12"],
  ["x".repeat(28), 1, `${"x".repeat(28)}-1`],
])("an oid keeps the order id %s readable", (orderId, attempt, oid) => {
  expect(oidFor(orderId, attempt)).toBe(oid);
});

it.each(["주문 1", "a b", "a&b", "x".repeat(29), "x".repeat(200), ""])(
  "an oid replaces the order id %j by a hash",
  (orderId) => {
    expect(oidFor(orderId, 3)).toMatch(/^[0-9a-f]{20}_3$/);
  },
);

it("an oid cannot equal another order's", () => {
  const hashed = oidFor("주문", 1);
  expect(oidFor(hashed, 1)).not.toBe(hashed);
  expect(oidFor(hashed.slice(0, -2), 1)).not.toBe(hashed);
  expect(oidFor("a", 11)).not.toBe(oidFor("a-1", 1));
});
