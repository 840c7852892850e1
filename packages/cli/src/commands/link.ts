import type { PageLinkInput } from "@payapi/core";
import type { Call, Command } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, failureOf, usage } from "../failure.js";
import { fields } from "../output.js";
import { mustHave, optional, required, requiredAmount } from "../read-options.js";
import { koreanTime, won } from "../words.js";

const validMs = 72 * 60 * 60 * 1000;

/** What the input's fields are called on the command line. */
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

/** Makes a link to the payment page. */
export const link: Command = {
  name: "link",
  summary: { en: "make a payment link to send to a buyer", ko: "구매자에게 보낼 결제 링크 생성" },
  usage: ["link --oid ID --price WON --goods NAME --next-url URL --return-url URL [options]"],
  arguments: 0,
  options: {
    oid: {
      type: "string",
      value: "ID",
      help: {
        en: "order number, new for every link; at most 30 characters",
        ko: "주문번호(링크마다 새로, 30자 이내)",
      },
    },
    price: { type: "string", value: "WON", help: { en: "amount in won", ko: "금액(원)" } },
    goods: {
      type: "string",
      value: "NAME",
      help: { en: "what is sold, at most 40 characters", ko: "상품명(40자 이내)" },
    },
    "pay-type": {
      type: "string",
      value: "TYPE",
      help: { en: "card (default), bank, vbank, hpp ...", ko: "결제수단: card(기본), bank, vbank, hpp 등" },
    },
    "next-url": {
      type: "string",
      value: "URL",
      help: {
        en: "where the buyer goes after authenticating; carries a secret token of yours",
        ko: "인증 결과를 받을 주소(추측할 수 없는 토큰 포함)",
      },
    },
    "return-url": {
      type: "string",
      value: "URL",
      help: { en: "the last page the buyer sees", ko: "결제 완료 후 보여줄 주소" },
    },
    "noti-url": {
      type: "string",
      value: "URL",
      help: { en: "where the gateway reports results", ko: "결과 통보를 받을 주소" },
    },
    installments: {
      type: "string",
      value: "LIST",
      help: {
        en: "months a buyer may choose from, such as 1,2,3",
        ko: "선택할 수 있는 할부 개월, 예: 1,2,3",
      },
    },
    "phone-goods": {
      type: "string",
      value: "KIND",
      help: {
        en: "for phone payments: digital-content or physical-goods",
        ko: "휴대폰 결제: digital-content 또는 physical-goods",
      },
    },
    escrow: { type: "boolean", help: { en: "pay through escrow", ko: "에스크로 결제" } },
  },
  notes: {
    en: "A link is valid for 72 hours. Send one live link per order: a buyer can pay every link you make.",
    ko: "링크는 72시간 동안 유효합니다. 만든 링크마다 결제될 수 있으니 주문마다 하나만 보내세요.",
  },
  async run(call) {
    const input = readInput(call);
    const payapi = call.settings.payapi();
    const made = await payapi.page.createLink(input).catch((error: unknown) => {
      throw withOptionNames(failureOf(error));
    });
    const expiresAt = new Date(Date.now() + validMs);
    return {
      exitCode: exitCodes.ok,
      result: { url: made.url, oid: input.oid, price: input.price, expiresAt },
      lines: fields([
        [call.say({ en: "link", ko: "링크" }), made.url],
        [call.say({ en: "order", ko: "주문번호" }), input.oid],
        [call.say({ en: "amount", ko: "금액" }), call.say(won(input.price))],
        [call.say({ en: "valid until", ko: "유효 기한" }), `${koreanTime(expiresAt)} KST`],
      ]),
    };
  },
};

function readInput(call: Call): PageLinkInput {
  mustHave(call, [], ["oid", "price", "goods", "next-url", "return-url"]);
  const hppMethod = optional(call, "phone-goods");
  if (hppMethod !== undefined && hppMethod !== "digital-content" && hppMethod !== "physical-goods") {
    throw usage(
      '--phone-goods must be "digital-content" or "physical-goods".',
      '--phone-goods는 "digital-content" 또는 "physical-goods"여야 합니다.',
    );
  }
  const installments = optional(call, "installments");
  if (installments !== undefined && !/^\d{1,2}(,\d{1,2})*$/.test(installments)) {
    throw usage("--installments must be months such as 1,2,3.", "--installments는 1,2,3 형식이어야 합니다.");
  }
  return {
    oid: required(call, "oid"),
    price: requiredAmount(call, "price", 1),
    goodsName: required(call, "goods"),
    payType: optional(call, "pay-type") ?? "card",
    nextUrl: required(call, "next-url"),
    returnUrl: required(call, "return-url"),
    notiUrl: optional(call, "noti-url"),
    quotaBase: installments?.split(",").map(Number),
    hppMethod,
    escrow: call.options.escrow === true,
  };
}

function withOptionNames(failure: Failure): Failure {
  const details = failure.details.map(({ name, message }) => ({ name: optionNames[name] ?? name, message }));
  const { exitCode, code, text, facts } = failure;
  if (exitCode !== exitCodes.attention) return new Failure(exitCode, code, text, { details, facts });
  // A link moves no money before a buyer uses it, but nobody must make a second one under the same number.
  return new Failure(
    exitCode,
    code,
    {
      en: `${text.en} A link may exist. No money moved; make the next one under a new --oid.`,
      ko: `${text.ko} 링크가 만들어졌을 수 있습니다. 돈은 움직이지 않았으며, 다음 링크는 새 --oid로 만드세요.`,
    },
    { details, facts },
  );
}
