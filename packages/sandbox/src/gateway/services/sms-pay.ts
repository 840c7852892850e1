import type { operations } from "@payapi/core/operations";
import { checkOrder, type Service } from "./service.js";

type SmsPay = typeof operations.smsPay;

/** 7.1: makes a link to the sandbox's own payment page. */
export const createLink: Service<SmsPay["createLink"]> = (call) => {
  const { merchant, values, book, origin } = call;
  const { oid, price, goodsName, payType, nextUrl, returnUrl, notiUrl, hppMethod, quotaBase } = values;
  const refusal = checkOrder(call);
  if (refusal) return refusal;
  const link = book.pages.create(origin, {
    mid: merchant.mid,
    oid,
    price,
    goodsName,
    payType,
    charset: values.charset === "utf8" ? "utf-8" : "euc-kr",
    nextUrl,
    returnUrl,
    ...(notiUrl !== undefined && { notiUrl }),
    ...(hppMethod !== undefined && { hppMethod }),
    ...(quotaBase !== undefined && { quotaBase }),
    reserved: Object.fromEntries(
      values.reserved.split("&").map((pair) => {
        const equals = pair.indexOf("=");
        return [pair.slice(0, equals), pair.slice(equals + 1)];
      }),
    ),
  });
  return { done: true, reply: { url: link.url } };
};
