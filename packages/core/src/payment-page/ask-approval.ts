import type { CheckedConfig } from "../config.js";
import { type Problem, problemsError } from "../errors.js";
import { type CallOptions, checkCallOptions, type Method } from "../method.js";
import { isAmount } from "../money.js";
import { isUnprovenCode, type operations } from "../operations/index.js";
import { revealText } from "../secret.js";
import type { TransportReply, TransportRequest } from "../transport/transport.js";
import { type PageApproval, readPageReply } from "./page-reply.js";
import type { PageAuthenticated, PageReturn } from "./read-return.js";

/** The merchant's order, from the merchant's own tables: found by an unguessable token, never by the buyer's values. */
export interface PageOrder {
  /** The order number of the link. */
  readonly oid: string;
  /** The amount of the link, in won. */
  readonly price: number;
  /** The gateway's name of the payment method, such as `card`; a net cancel needs it. */
  readonly payType: string;
}

/** The parts of the client that the flow needs. */
export interface PageClient {
  readonly config: CheckedConfig;
  readonly createLink: Method<typeof operations.smsPay.createLink>;
  /** Sends a request once, and throws only PayApiErrors. */
  readonly send: (
    operation: string,
    request: Pick<TransportRequest, "url" | "headers" | "body">,
    options: CallOptions,
  ) => Promise<TransportReply>;
}

/** Requests the approval of an authenticated payment at P_REQ_URL, once. */
export async function askApproval(
  client: PageClient,
  pageReturn: PageReturn,
  order: PageOrder,
  options: CallOptions,
): Promise<PageApproval> {
  checkCallOptions("page.approve", options);
  const { tid, url } = checkBefore(pageReturn, order, client.config);
  const { mid } = client.config;
  const request = {
    url,
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8", accept: "*/*" },
    body: Buffer.from(new URLSearchParams({ P_TID: tid, P_MID: mid }).toString()),
  };
  const { signal, beforeSend } = options;
  const reply = await client.send("page.approve", request, { signal, beforeSend });
  const asked = { mid, oid: order.oid, price: order.price };
  const isUnproven = (code: string) => isUnprovenCode(code, client.config.unprovenCodes);
  return readPageReply(reply, asked, { charset: pageReturn.charset ?? "utf-8", isUnproven });
}

/** Lists the problems that can be found before anything is sent. */
export function checkBefore(
  pageReturn: PageReturn,
  order: PageOrder,
  config: CheckedConfig,
): { authenticated: PageAuthenticated; tid: string; url: URL } {
  const problems: Problem[] = [];
  const demand = (fine: boolean, field: string, message: string): void => {
    if (!fine) problems.push({ field, message });
  };
  const { oid, price, payType } = order ?? {};
  demand(
    typeof oid === "string" && /^[\x21-\x7e]{1,40}$/.test(oid),
    "oid",
    "must be the link's order number",
  );
  demand(isAmount(price), "price", "must be the order's amount, as a whole number (not text)");
  demand(
    typeof payType === "string" && /^[A-Za-z0-9_-]{1,10}$/.test(payType) && payType !== "vbank",
    "payType",
    "must be the link's payment method; virtual accounts are not approved, their deposit is notified",
  );
  if (pageReturn?.status !== "authenticated" || pageReturn.statusCode !== "00") {
    demand(false, "P_STATUS", "is not 00, or there is nothing to approve");
    throw problemsError("invalid-input", problems, "page.approve");
  }
  const { tid, price: statedPrice, oid: statedOid, mid: statedMid } = pageReturn;
  const url = trustedReqUrl(revealText(pageReturn.reqUrl) ?? "", config);
  demand(typeof tid === "string" && /^[\x21-\x7e]{1,40}$/.test(tid), "P_TID", "is missing");
  demand(
    statedPrice === undefined || statedPrice === price,
    "P_AMT",
    "is not the order's amount; the buyer may have changed it",
  );
  demand(statedOid === undefined || statedOid === oid, "P_OID", "is not the link's order number");
  demand(statedMid === undefined || statedMid === config.mid, "P_MID", "is not this merchant");
  demand(url !== undefined, "P_REQ_URL", "is not an address of the gateway; the buyer may have changed it");
  if (url === undefined || problems.length > 0)
    throw problemsError("invalid-input", problems, "page.approve");
  return { authenticated: pageReturn, tid, url };
}

// One label before the gateway's domain. Anything that needs to be normalised first (capitals, escapes, dots at the end,
// user names, backslashes, white space) is not a URL of the gateway.
const gatewayHost = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.paywelcome\.co\.kr$/;
const httpsUrl = /^https:\/\/([a-z0-9.-]+)(?::443)?(?:[/?][^\s\\#]*)?$/;
const visibleAscii = /^[\x21-\x7e]{1,2048}$/;

/**
 * Returns the URL for the approval if it is allowed. It comes through the buyer's browser, and a buyer's own server could answer
 * "approved". So only https on the gateway's or the configured hosts is allowed, and in the sandbox only the sandbox itself.
 */
function trustedReqUrl(
  text: string,
  {
    environment,
    origin,
    pageHosts,
    pagePaths,
  }: Pick<CheckedConfig, "environment" | "origin" | "pageHosts" | "pagePaths">,
): URL | undefined {
  if (!visibleAscii.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return undefined;
  // The path comes through the browser, too: another page of the gateway may answer anything. An escape could hide a "..".
  if (url.pathname.includes("%") || !pagePaths.some((path) => url.pathname.startsWith(path)))
    return undefined;
  if (environment === "sandbox") return isUnder(text, origin) && url.origin === origin ? url : undefined;
  const host = httpsUrl.exec(text)?.[1] ?? "";
  const allowed =
    pageHosts === undefined ? gatewayHost.test(host) && !host.startsWith("xn--") : pageHosts.includes(host);
  // The pattern and the URL parser must have read the same host.
  return allowed && url.origin === `https://${host}` ? url : undefined;
}

function isUnder(text: string, origin: string): boolean {
  const rest = text.startsWith(origin) ? text.slice(origin.length) : undefined;
  return rest !== undefined && /^(?:[/?][^\\#]*)?$/.test(rest);
}
