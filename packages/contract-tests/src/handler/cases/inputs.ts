import { describe, expect, it } from "vitest";
import { at, goodCard, inEnglish } from "../client.js";
import { expectExactProblem, expectOrder, expectProblem, namedFields } from "../expect.js";
import type { Situation, WireAnswer } from "../mount.js";
import type { World } from "../world.js";

interface FieldError {
  readonly field: string;
  readonly message: string;
}

const missing = (field: string): FieldError => ({ field, message: "필수 항목입니다" });
const unknown = (field: string): FieldError => ({ field, message: "이 요청에 없는 항목입니다" });

export function describeInputs(world: World): void {
  const expectInvalid = (answer: WireAnswer, errors: readonly FieldError[]) =>
    expectExactProblem(answer, 422, "invalid-input", {
      title: "입력값을 확인해 주세요",
      detail: "errors에 적힌 항목을 고쳐 다시 시도해 주세요. 결제는 시도되지 않았습니다.",
      errors,
    });

  it("lists at most twenty unknown fields, so that no answer is much larger than its request", async () => {
    const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`n${index}`, 1]));
    const answer = await world.post(at(world.order(), "card-approval"), body, { unrecorded: true });
    expectProblem(answer, 422, "invalid-input");
    expect(namedFields(answer)).toHaveLength(20);
  });

  describe("card input", () => {
    const cardNumber = {
      field: "cardNumber",
      message: "띄어쓰기와 하이픈 없이 숫자 13~16자리여야 합니다",
    };
    const cardExpireYY = { field: "cardExpireYY", message: "연도의 끝 두 자리여야 합니다" };
    const cardExpireMM = { field: "cardExpireMM", message: "1~12 사이의 월이어야 합니다" };
    const registNo = {
      field: "registNo",
      message: "생년월일 6자리 또는 사업자등록번호 10자리여야 합니다",
    };
    const passwd = { field: "passwd", message: "숫자 2자리여야 합니다" };
    const cardQuota = { field: "cardQuota", message: "일시불은 0, 할부는 2~36개월이어야 합니다" };

    const wrong: [what: string, change: object, errors: FieldError[], situation?: Situation][] = [
      ["a card number that is too short", { cardNumber: "411111111111" }, [cardNumber]],
      ["a card number with spaces", { cardNumber: "4111 1111 1111 1111" }, [cardNumber]],
      ["a card number of letters", { cardNumber: "4111abcd11111111" }, [cardNumber]],
      ["a card number in another script", { cardNumber: "４１１１１１１１１１１１１１１１" }, [cardNumber]],
      ["a card number as a number", { cardNumber: 4111111111111111 }, [cardNumber]],
      ["no card number", { cardNumber: undefined }, [missing("cardNumber")]],
      ["a month of 13", { cardExpireMM: "13" }, [cardExpireMM]],
      ["a year of four digits", { cardExpireYY: "2030" }, [cardExpireYY]],
      ["a birth date of 5 digits", { registNo: "88010" }, [registNo]],
      ["a PIN of 4 digits", { passwd: "9731" }, [passwd]],
      [
        "installments under 50,000 won",
        { cardQuota: 2 },
        [{ field: "cardQuota", message: "할부는 50,000원부터 가능하므로 0이어야 합니다" }],
      ],
      ["one month of installments", { cardQuota: 1 }, [cardQuota]],
      ["installments as text", { cardQuota: "03" }, [cardQuota]],
      ["an unknown interest option", { quotaInterest: "half" }, [unknown("quotaInterest")]],
      [
        "several invalid fields",
        { cardNumber: "", cardExpireYY: [], cardExpireMM: {}, registNo: true, passwd: null, cardQuota: -1 },
        [cardNumber, cardExpireYY, cardExpireMM, registNo, cardQuota],
        "json-not-flat",
      ],
    ];

    it.each(wrong)(
      "rejects %s and names the field but not the value",
      async (_what, change, errors, situation) => {
        const orderId = world.order();
        const requests = await world.gatewayRequestsDuring(() =>
          world.unless(
            situation,
            (ask) => world.pay(orderId, { ...goodCard, ...change }, ask),
            (answer) => {
              expectInvalid(answer, errors);
              for (const value of Object.values(change)) {
                if (typeof value === "string" && value.length > 4) expect(answer.text).not.toContain(value);
              }
            },
          ),
        );
        expect(requests).toBe(0);
        expect(await world.ledger.payments.find(orderId)).toBeUndefined();
      },
    );

    it.each<[what: string, more: object, fields: string[], situation?: Situation]>([
      ["unknown names", { remember: true, oid: "x", tid: "T1", mid: "m" }, ["remember", "oid", "tid", "mid"]],
      ["a card number as a name", { "4111111111111111": "x" }, ["[redacted]"]],
      ["constructor", { constructor: {} }, ["constructor"], "json-not-flat"],
    ])("rejects %s", async (_what, more, fields, situation) => {
      await world.unless(
        situation,
        (ask) => world.pay(world.order(), { ...goodCard, ...more }, ask),
        (answer) => expectInvalid(answer, fields.map(unknown)),
      );
    });

    it("rejects __proto__ without prototype pollution", async () => {
      const orderId = world.order();
      const card = JSON.stringify(goodCard);
      const raw = `{"__proto__":{"price":1,"cardQuota":99},${card.slice(1)}`;
      await world.unless(
        "json-not-flat",
        (ask) => world.post(at(orderId, "card-approval"), undefined, { raw, ...ask }),
        (answer) => expectInvalid(answer, [unknown("__proto__")]),
      );
      expect(world.paymentsOf(orderId)).toEqual([]);
    });

    it("accepts the year as a string of digits, and 0 as a lump sum", async () => {
      const card = {
        ...goodCard,
        cardExpireYY: "31",
        cardExpireMM: "1",
        cardQuota: 0,
      };
      expectOrder(await world.pay(world.order(), card), { status: "paid" });
    });

    it("answers 500 without details if the merchant's order is invalid", async () => {
      const orderId = world.order(15_000, "longname");
      const answer = await world.pay(orderId, goodCard, { as: "longname" });
      expectProblem(answer, 500, "internal-error");
      expect(answer.text).not.toContain("buyerName");
      expect(await world.log()).toContainEqual(
        expect.objectContaining({
          level: "error",
          orderId,
          problems: [expect.objectContaining({ field: "buyerName" })],
        }),
      );
    });
  });

  describe("partial cancel input", () => {
    const cancelPrice = {
      field: "cancelPrice",
      message: "지금 취소할 금액(원)을 0보다 큰 정수로 보내야 합니다",
    };
    const confirmPrice = {
      field: "confirmPrice",
      message: "취소한 뒤에 남을 금액(원)을 0 이상의 정수로 보내야 합니다",
    };

    it.each<[what: string, body: object, errors: FieldError[]]>([
      ["no amounts", {}, [cancelPrice, confirmPrice]],
      ["amounts as text", { cancelPrice: "1000", confirmPrice: "14000" }, [cancelPrice, confirmPrice]],
      ["nothing to cancel", { cancelPrice: 0, confirmPrice: 15_000 }, [cancelPrice]],
      ["a negative amount", { cancelPrice: -1_000, confirmPrice: 16_000 }, [cancelPrice]],
      ["a fraction", { cancelPrice: 0.5, confirmPrice: 14_999.5 }, [cancelPrice, confirmPrice]],
      ["an amount beyond exactness", { cancelPrice: 2 ** 53, confirmPrice: 0 }, [cancelPrice]],
      ["another name", { cancelPrice: 1_000, confirmPrice: 14_000, tid: "T1" }, [unknown("tid")]],
    ])("rejects %s", async (_what, body, errors) => {
      const orderId = world.order();
      await world.pay(orderId, goodCard, { unrecorded: true });
      const requests = await world.gatewayRequestsDuring(async () => {
        expectInvalid(await world.post(at(orderId, "partial-cancel"), body, { as: "staff" }), errors);
      });
      expect(requests).toBe(0);
    });

    it("is rejected by the full cancel", async () => {
      const orderId = world.order();
      await world.pay(orderId, goodCard, { unrecorded: true });
      const answer = await world.post(
        at(orderId, "cancel"),
        { price: 15_000 },
        { as: "staff", ...inEnglish },
      );
      const english = {
        title: "Invalid input",
        detail: "Correct the fields named in errors. Nothing was sent to the gateway.",
        errors: [{ field: "price", message: "is not a field of this request" }],
      };
      expectExactProblem(answer, 422, "invalid-input", english, { "content-language": "en" });
      expect(world.paymentsOf(orderId)[0]?.remaining).toBe(15_000);
    });
  });
}
