import type { PageLinkInput } from "@payapi/core";
import { type Command, form } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, failureOf, usage } from "../failure.js";
import { labels } from "../messages.js";
import { amount, flag, oneOf, required, text as textOption, type ValuesOf } from "../options.js";
import { fields } from "../output.js";
import { koreanTime, won } from "../text.js";

const validMs = 72 * 60 * 60 * 1000;

/** What the fields of the input are called on the command line. */
const optionNames: Readonly<Record<string, string>> = {
  oid: "--oid",
  price: "--price",
  goodsName: "--goods",
  payType: "--pay-type",
  nextUrl: "--next-url",
  returnUrl: "--return-url",
  notiUrl: "--noti-url",
  quotaBase: "--installments",
  hppMethod: "--phone-goods",
};

const options = {
  oid: required(
    textOption("ID", {
      en: "order number, new for every link; at most 30 characters",
      ko: "주문번호(링크마다 새로, 30자 이내)",
    }),
  ),
  price: required(amount(1, { en: "amount in won", ko: "금액(원)" })),
  goods: required(textOption("NAME", { en: "what is sold, at most 40 characters", ko: "상품명(40자 이내)" })),
  "next-url": required(
    textOption("URL", {
      en: "where the buyer goes after authenticating; carries a secret token of yours",
      ko: "인증 결과를 받을 주소(추측할 수 없는 토큰 포함)",
    }),
  ),
  "return-url": required(
    textOption("URL", { en: "the last page the buyer sees", ko: "결제 완료 후 보여줄 주소" }),
  ),
  "pay-type": textOption("TYPE", {
    en: "card (default), bank, vbank, hpp ...",
    ko: "결제수단: card(기본), bank, vbank, hpp 등",
  }),
  "noti-url": textOption("URL", {
    en: "where the gateway sends notifications",
    ko: "결제사의 알림을 받을 주소",
  }),
  installments: textOption("LIST", {
    en: "months a buyer may choose from, such as 1,2,3",
    ko: "선택할 수 있는 할부 개월, 예: 1,2,3",
  }),
  "phone-goods": oneOf("KIND", ["digital-content", "physical-goods"], {
    en: "for phone payments: digital-content or physical-goods",
    ko: "휴대폰 결제: digital-content 또는 physical-goods",
  }),
  escrow: flag({ en: "pay through escrow", ko: "에스크로 결제" }),
};

/** Makes a link to the payment page. */
export const link: Command = {
  name: "link",
  summary: { en: "make a payment link to send to a buyer", ko: "구매자에게 보낼 결제 링크 생성" },
  notes: {
    en: "A link is valid for 72 hours. Send one live link per order: a buyer can pay every link you make.",
    ko: "링크는 72시간 동안 유효합니다. 만든 링크마다 결제될 수 있으니 주문마다 하나만 보내세요.",
  },
  forms: [
    form({
      words: [],
      options,
      async run(call) {
        const input = inputOf(call.options);
        const payapi = call.settings.payapi();
        const made = await payapi.page.createLink(input).catch((error: unknown) => {
          throw withOptionNames(failureOf(error));
        });
        const expiresAt = new Date(Date.now() + validMs);
        return {
          exitCode: exitCodes.ok,
          result: { url: made.url, oid: input.oid, price: input.price, expiresAt },
          lines: [
            fields([
              [{ en: "link", ko: "링크" }, made.url],
              [labels.order, input.oid],
              [labels.amount, won(input.price)],
              [{ en: "valid until", ko: "유효 기한" }, `${koreanTime(expiresAt)} KST`],
            ]),
          ],
        };
      },
    }),
  ],
};

function inputOf(given: ValuesOf<typeof options>): PageLinkInput {
  const { installments } = given;
  if (installments !== undefined && !/^\d{1,2}(,\d{1,2})*$/.test(installments)) {
    throw usage("--installments must be months such as 1,2,3.", "--installments는 1,2,3 형식이어야 합니다.");
  }
  return {
    oid: given.oid,
    price: given.price,
    goodsName: given.goods,
    payType: given["pay-type"] ?? "card",
    nextUrl: given["next-url"],
    returnUrl: given["return-url"],
    notiUrl: given["noti-url"],
    quotaBase: installments?.split(",").map(Number),
    hppMethod: given["phone-goods"],
    escrow: given.escrow,
  };
}

function withOptionNames(failure: Failure): Failure {
  const details = failure.details.map(({ name, message }) => ({ name: optionNames[name] ?? name, message }));
  const { exitCode, code, text, facts } = failure;
  if (exitCode !== exitCodes.review) return new Failure(exitCode, code, text, { details, facts });
  // A link moves no money before a buyer uses it, but a second one under the same number must not be made.
  const known = {
    en: `${text.en} A link may exist. No money moved; make the next one with a new --oid.`,
    ko: `${text.ko} 링크가 만들어졌을 수 있습니다. 결제된 금액은 없으며, 다음 링크는 새 --oid로 만드세요.`,
  };
  return new Failure(exitCode, code, known, { details, facts });
}
