import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { PaymentLink } from "../book/payment-links.js";
import type { Rules } from "../gateway/rules.js";
import { encodeForm, encodeFormValue } from "../http/charset.js";
import { escapeHtml } from "../http/html.js";
import { sendText } from "../http/send.js";
import { frame } from "./render.js";

const SUBMIT = "document.forms[0].submit()";
const SUBMIT_HASH = createHash("sha256").update(SUBMIT).digest("base64");

/** The page's security policy. Forms may lead anywhere: the merchant's P_NEXT_URL may redirect further. */
export const PAGE_POLICY = {
  "Content-Security-Policy": `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${SUBMIT_HASH}'; base-uri 'none'`,
  "Referrer-Policy": "no-referrer",
};

/** Sends the buyer's browser to the merchant's P_NEXT_URL with the outcome. */
export function returnToMerchant(
  response: ServerResponse,
  link: PaymentLink,
  outcome: Readonly<Record<string, string>>,
  rules: Pick<Rules, "returnBy" | "returnMessage">,
): void {
  const fields = returnFields(link, outcome, rules);
  if (rules.returnBy === "get") {
    const query = encodeForm(Object.entries(fields), link.charset);
    const [base = ""] = link.nextUrl.split("#");
    const Location = `${base}${base.includes("?") ? "&" : "?"}${query}`;
    sendText(response, 303, "text/plain; charset=utf-8", "", { Location, ...PAGE_POLICY });
    return;
  }
  sendText(response, 200, "text/html; charset=utf-8", renderForm(link, fields), PAGE_POLICY);
}

/** The values of the return to P_NEXT_URL. */
export function returnFields(
  link: PaymentLink,
  outcome: Readonly<Record<string, string>>,
  rules: Pick<Rules, "returnMessage">,
): Readonly<Record<string, string>> {
  if (rules.returnMessage === "plain") return outcome;
  return { ...outcome, P_RMESG1: encodeFormValue(outcome.P_RMESG1 ?? "", link.charset) };
}

/** A form that submits itself, in the charset that the merchant requested; without scripts a button submits it. */
function renderForm(link: PaymentLink, fields: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
    .join("\n");
  return frame(
    "상점으로 이동",
    `<section class="card"><h1>상점으로 이동합니다 <span class="dots" aria-hidden="true">···</span></h1>
<p class="soft">자동으로 이동하지 않으면 아래 버튼을 눌러 주십시오.</p>
<form method="post" action="${escapeHtml(link.nextUrl)}" accept-charset="${link.charset}">
${inputs}
<button>계속하기</button></form></section><script>${SUBMIT}</script>`,
  );
}
