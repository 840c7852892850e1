import type { CallOptions, Method } from "../client.js";
import type { CheckedConfig } from "../config.js";
import { isPayApiError, PayApiError, type Problem, problemsError } from "../errors.js";
import { isAmount } from "../money.js";
import type { Charset } from "../notifications/decode-text.js";
import type { operations } from "../operations/index.js";
import { type OptionNames, optionProblems } from "../option-names.js";
import { revealText } from "../secret.js";
import type { TransportReply, TransportRequest } from "../transport/transport.js";
import { type PageApproval, readPageReply } from "./page-reply.js";
import type { PageReturn } from "./read-return.js";
import { trustedReqUrl } from "./req-url.js";

/** The merchant's order, from the merchant's own record: found by an unguessable token, never by what the buyer says. */
export interface PageOrder {
  /** The order number the link was made with. */
  readonly oid: string;
  /** Won that the link was made with. */
  readonly price: number;
  /** The gateway's word for the payment method, such as `card`; a network cancel names it. */
  readonly payType: string;
}

/** What `page.approve` takes beside the return and the order. */
export interface PageApproveOptions extends CallOptions {
  /**
   * Claims the P_TID for this order: writes it down durably, and resolves to `false` if any payment of the shop ever had it
   * (a unique index on it). The P_TID comes through the browser, and nothing else ties it to this order: without a claim
   * a buyer could bring that of a payment already delivered, and have it cancelled. So without this option an approval whose
   * outcome is unknown stays unknown, and is not cancelled.
   */
  readonly claimTid?: ((tid: string) => Promise<boolean> | boolean) | undefined;
  /**
   * Whether an approval of a claimed P_TID whose outcome is unknown is cancelled at once by a network cancel; `true` by default. With `false` the
   * error stays `unknown`, and you cancel through `payments.cancel` with `cancelType: "network-cancel"` yourself, such as to
   * write it down first.
   */
  readonly networkCancel?: boolean | undefined;
  /** The charset that the link asked for; by default what the return was read with. */
  readonly charset?: Charset | undefined;
}

/** What the flow needs from the client. */
export interface PageClient {
  readonly config: CheckedConfig;
  readonly cancel: Method<typeof operations.payments.cancel>;
  readonly createLink: Method<typeof operations.smsPay.createLink>;
  /** Sends a request once, and throws only PayApiErrors. */
  readonly send: (
    operation: string,
    request: Pick<TransportRequest, "url" | "headers" | "body">,
    options: CallOptions,
  ) => Promise<TransportReply>;
}

const optionNames = {
  signal: true,
  beforeSend: true,
  claimTid: true,
  networkCancel: true,
  charset: true,
} satisfies OptionNames<PageApproveOptions>;

/** Asks P_REQ_URL for the approval of an authenticated payment. */
export async function approve(
  client: PageClient,
  pageReturn: PageReturn,
  order: PageOrder,
  options: PageApproveOptions,
): Promise<PageApproval> {
  const documented = "the type PageApproveOptions of @payapi/core";
  const problems = optionProblems(options, { names: optionNames, documented });
  if (problems.length > 0) throw problemsError("invalid-input", problems, "page.approve");
  const { tid, url } = checkBefore(pageReturn, order, client.config);
  const { mid } = client.config;
  const request = {
    url,
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8", accept: "*/*" },
    body: Buffer.from(new URLSearchParams({ P_TID: tid, P_MID: mid }).toString()),
  };
  const charset = options.charset ?? pageReturn.charset ?? "utf-8";
  const claimed = options.claimTid !== undefined;
  if (claimed && !(await options.claimTid?.(tid))) {
    const problem = { field: "P_TID", message: "was used before" };
    throw problemsError("invalid-input", [problem], "page.approve");
  }
  try {
    const { signal, beforeSend } = options;
    const reply = await client.send("page.approve", request, { signal, beforeSend });
    return readPageReply(reply, { mid, oid: order.oid, price: order.price }, charset);
  } catch (error) {
    if (!isPayApiError(error) || error.outcome !== "unknown") throw error;
    if (!claimed || options.networkCancel === false) throw error;
    throw await cancelUnknown(client, error, tid, order);
  }
}

/** All that can be known to be wrong before anything is sent. */
export function checkBefore(
  pageReturn: PageReturn,
  order: PageOrder,
  config: CheckedConfig,
): { tid: string; url: URL } {
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
  const { tid, price: statedPrice } = pageReturn;
  const url = trustedReqUrl(revealText(pageReturn.reqUrl) ?? "", config);
  demand(typeof tid === "string" && /^[\x21-\x7e]{1,40}$/.test(tid), "P_TID", "is missing");
  demand(
    statedPrice === undefined || statedPrice === price,
    "P_AMT",
    "is not the order's amount; the buyer may have changed it",
  );
  demand(url !== undefined, "P_REQ_URL", "is no address of the gateway's; the buyer may have changed it");
  if (url === undefined || problems.length > 0)
    throw problemsError("invalid-input", problems, "page.approve");
  return { tid, url };
}

/** Cancels an approval of which nobody knows whether it happened, and says what is known after that. */
async function cancelUnknown(
  client: PageClient,
  unknown: PayApiError,
  tid: string,
  order: PageOrder,
): Promise<PayApiError> {
  const { price, payType } = order;
  try {
    // Without the caller's signal: a buyer who left must not keep the money from coming back.
    await client.cancel({ payType, tid, price, cancelType: "network-cancel" });
  } catch (cancelError) {
    const { code, operation, httpStatus, resultCode, resultMessage } = unknown;
    const reason = isPayApiError(cancelError) ? cancelError.code : "no PayApiError";
    const message = `${unknown.message} The network cancel did not succeed either (${reason}); the outcome is unknown.`;
    return new PayApiError({
      code,
      operation,
      httpStatus,
      resultCode,
      resultMessage,
      message,
      cause: cancelError,
    });
  }
  return new PayApiError({
    code: "network-cancelled",
    operation: "page.approve",
    message: `The approval's outcome was unknown (${unknown.code}), and its network cancel succeeded: nothing is paid.`,
    tid,
    cause: unknown,
  });
}
