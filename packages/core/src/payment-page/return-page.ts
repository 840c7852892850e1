import { PayApiError } from "../errors.js";
import { preferredLanguage } from "../language.js";

const messages = {
  ko: [
    "결제를 마쳤습니다",
    "결제 결과는 주문 화면에서 확인해 주세요. 이 화면은 결제를 증명하지 않습니다.",
    "주문 보기",
  ],
  en: [
    "You are back from the payment page",
    "Check your order for the result. This page does not prove a payment.",
    "Go to the order",
  ],
} as const;

/**
 * Serves P_RETURN_URL, the last page of the flow. It ignores the browser's values, since the buyer can forge them.
 *
 * @param backTo the path of the order on the merchant's own site
 * @throws PayApiError `invalid-input` if `backTo` is not such a path
 */
export function serveReturn(request: Request, backTo: string): Response {
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(backTo)) {
    const problems = [
      { field: "backTo", message: "must be a path on the shop's own site, such as /orders/42" },
    ];
    const message = `The input of page.serveReturn is wrong: backTo: ${problems[0]?.message}`;
    throw new PayApiError({ code: "invalid-input", operation: "page.serveReturn", problems, message });
  }
  const language = preferredLanguage(request.headers.get("accept-language"));
  const [title, text, link] = messages[language];
  const href = backTo.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  const page = `<!doctype html>
<html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><h1>${title}</h1><p>${text}</p><p><a href="${href}">${link}</a></p></html>
`;
  return new Response(request.method === "HEAD" ? null : page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-language": language,
      "content-security-policy":
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    },
  });
}
