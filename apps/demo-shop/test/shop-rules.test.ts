import { describe, expect, test } from "vitest";
import {
  brandName,
  cardDigits,
  cardNumberError,
  expiryError,
  groupCardNumber,
  groupExpiry,
} from "../app/orders/[id]/pay/card-rules.js";
import { html } from "../src/back-office/html.js";
import { mintTicket, Staff } from "../src/back-office/staff.js";
import { checkBuyerDetails } from "../src/shop/buyer-details.js";
import { priceCart, readCart, withQuantity, writeCart } from "../src/shop/cart.js";
import { ownerOf, readCookie } from "../src/shop/cookies.js";
import { formatKoreanTime, formatTel, koreanDay } from "../src/shop/korean.js";

describe("the cart", () => {
  test("survives its cookie, and takes prices from the catalogue alone", () => {
    const cart = withQuantity(withQuantity(new Map(), "teapot", 2), "pencils", 1);
    expect(readCart(writeCart(cart))).toEqual(cart);
    expect(priceCart(cart)).toMatchObject({ goodsTotal: 187_000, shipping: 0, total: 187_000 });
    expect(priceCart(readCart("pencils:1"))).toMatchObject({
      goodsTotal: 9_000,
      shipping: 3_000,
      total: 12_000,
    });
  });

  test.each([
    "teapot:0",
    "teapot:-1",
    "teapot:1,5",
    "teapot:1e3",
    "teapot:100",
    "unknown:1",
    "teapot",
    "__proto__:1",
    "",
  ])("ignores invalid entries of a cart: %j", (text) => {
    expect(readCart(text).size).toBe(0);
  });

  test("is bounded", () => {
    expect(withQuantity(new Map(), "teapot", 1_000).get("teapot")).toBe(20);
    expect(withQuantity(new Map(), "teapot", Number.NaN).size).toBe(0);
  });
});

describe("the card form", () => {
  test.each([
    ["4111111111111111", "4111 1111 1111 1111", "Visa"],
    ["378282246310005", "3782 822463 10005", "American Express"],
    ["36227206271667", "3622 720627 1667", "Diners Club"],
    ["3530111333300000", "3530 1113 3330 0000", "JCB"],
    ["2223003122003222", "2223 0031 2200 3222", "Mastercard"],
    ["6200000000000005", "6200 0000 0000 0005", "UnionPay"],
    ["9490000000000008", "9490 0000 0000 0008", "국내전용"],
  ])("groups %s as %s, %s, and finds nothing wrong", (digits, grouped, brand) => {
    expect(groupCardNumber(cardDigits(grouped))).toBe(grouped);
    expect(brandName(digits)).toBe(brand);
    expect(cardNumberError(digits)).toBeUndefined();
  });

  test("notices a missing, short or mistyped number", () => {
    expect(cardNumberError("")).toMatch("입력해 주세요");
    expect(cardNumberError("411111111111")).toMatch("짧습니다");
    expect(cardNumberError("4111111111111112")).toMatch("잘못된 숫자");
    expect(cardDigits("4111-1111-1111-1111 9")).toBe("4111111111111111");
  });

  test.each([
    ["0528", "05/28"],
    ["5", "05"],
    ["5/28", "05/28"],
    ["1/2", "01/2"],
    ["05/2028", "05/28"],
    ["05/202", "05/202"],
    ["12", "12"],
    ["", ""],
  ])("writes the expiry %j as %j", (typed, shown) => {
    expect(groupExpiry(typed)).toBe(shown);
  });

  test("counts a card as good until the end of its month in Korea", () => {
    const lastMoment = new Date("2026-11-30T23:59:59+09:00");
    expect(expiryError("1126", lastMoment)).toBeUndefined();
    expect(expiryError("1126", new Date("2026-12-01T00:00:00+09:00"))).toMatch("지난 카드");
    expect(expiryError("1326", lastMoment)).toMatch("월은");
    expect(expiryError("11", lastMoment)).toMatch("두 자리씩");
    expect(expiryError("1199", lastMoment)).toMatch("연도");
  });
});

describe("who is who", () => {
  test("a buyer's details are cleaned and checked", () => {
    const { buyer, errors } = checkBuyerDetails({
      buyerName: " 김\n온유 ",
      buyerTel: "010-1234-5678",
      buyerEmail: " onyu@example.com",
    });
    expect(errors).toEqual({});
    expect(buyer).toEqual({ buyerName: "김 온유", buyerTel: "01012345678", buyerEmail: "onyu@example.com" });
    const empty = checkBuyerDetails({ buyerName: "", buyerTel: "12", buyerEmail: "a@b" });
    expect(Object.keys(empty.errors)).toEqual(["buyerName", "buyerTel", "buyerEmail"]);
  });

  test("an order's customerId is a fingerprint of the cookie, and a short cookie identifies no customer", () => {
    const cookie = "c".repeat(32);
    expect(readCookie(`a=1; ondam_buyer=${cookie}; b=2`, "ondam_buyer")).toBe(cookie);
    expect(ownerOf(cookie)).toHaveLength(43);
    expect(ownerOf(cookie)).not.toContain(cookie);
    expect(ownerOf("short")).toBeUndefined();
    expect(ownerOf(undefined)).toBeUndefined();
  });

  test("a staff ticket is good once, with the right secret, for twelve hours", () => {
    const staff = new Staff("a secret");
    const ticket = mintTicket("a secret", "직원 1");
    const session = staff.enter(ticket);
    expect(staff.nameOf(`ondam_staff=${session}`)).toBe("직원 1");
    expect(staff.enter(ticket)).toBeUndefined();
    expect(staff.enter(mintTicket("another secret", "직원 1"))).toBeUndefined();
    expect(staff.enter(mintTicket("a secret", "직원 1", Date.now() - 13 * 3_600_000))).toBeUndefined();
    expect(staff.enter("")).toBeUndefined();
    staff.leave(`ondam_staff=${session}`);
    expect(staff.nameOf(`ondam_staff=${session}`)).toBeUndefined();
  });
});

test("templates escape inserted texts only", () => {
  const name = `<script>alert("1")</script>&'`;
  expect(html`<p>${name}${html`<b>${1}</b>`}${[html`<i></i>`, "<"]}${undefined}${false}</p>`.text).toBe(
    "<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;<b>1</b><i></i>&lt;</p>",
  );
});

test("times and numbers are Korean in every time zone of the server", () => {
  const at = new Date("2026-11-22T15:30:00Z");
  expect(formatKoreanTime(at)).toBe("2026년 11월 23일 00:30");
  expect(koreanDay(at)).toBe("20261123");
  expect(formatTel("01012345678")).toBe("010-1234-5678");
  expect(formatTel("021234567")).toBe("02-123-4567");
});
