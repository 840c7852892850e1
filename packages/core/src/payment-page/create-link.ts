import { fieldProblem, type Problem, problemsError } from "../errors.js";
import type { CallOptions, Method } from "../method.js";
import type { InputOf, operations, ResultOf } from "../operations/index.js";

type LinkOperation = typeof operations.smsPay.createLink;

/** The input for a link to the payment page: that of `smsPay.createLink`, without the fields filled in here. */
export type PageLinkInput = Omit<InputOf<LinkOperation>, "reserved"> & {
  /** Whether to use escrow. */
  readonly escrow?: boolean | undefined;
  /**
   * An unguessable text that identifies the order when the buyer returns: 16 to 64 letters, digits, `_` or `-`. It is sent as P_NOTI
   * among the page's options. The guide does not promise to echo it for links; ask the gateway, or put it into `nextUrl`'s path.
   */
  readonly token?: string | undefined;
  /** Further options of the page, as `name=value&name=value`; they override those filled in. */
  readonly reserved?: string | undefined;
};

const cardOptions = { twotrs_isp: "Y", block_isp: "Y", twotrs_isp_noti: "N" };
const bankOptions = { twotrs_bank: "Y", apprun_check: "Y" };

/** Creates a link with the options that its payment method needs. */
export async function createLink(
  input: PageLinkInput,
  options: CallOptions,
  send: Method<LinkOperation>,
): Promise<ResultOf<LinkOperation>> {
  // The operation itself reports problems with the input, all at once.
  if (typeof input !== "object" || input === null) return send(input as never, options);
  const { escrow, token, reserved, ...order } = input;
  const problems: Problem[] = [];
  if (escrow !== undefined && typeof escrow !== "boolean") {
    problems.push(fieldProblem("escrow", { en: "must be true or false", ko: "true 또는 false여야 합니다" }));
  }
  if (token !== undefined && !(typeof token === "string" && /^[A-Za-z0-9_-]{16,64}$/.test(token))) {
    const message = {
      en: "must be 16 to 64 letters, digits, _ or -",
      ko: "영문자, 숫자, _, - 16~64자여야 합니다",
    };
    problems.push(fieldProblem("token", message));
  }
  if (problems.length > 0) throw problemsError("invalid-input", problems, "page.createLink");
  const filled = {
    ...reservedFor(order.payType, order.price, escrow === true),
    ...(token === undefined ? {} : { P_NOTI: token }),
  };
  return send(
    { ...order, charset: order.charset ?? "utf-8", reserved: mergeOptions(filled, reserved) },
    options,
  );
}

function reservedFor(payType: string, price: number, escrow: boolean): Record<string, string> {
  return {
    // The gateway demands P_RESERVED, and names no options for the other methods: they get the card's, which mean nothing there.
    ...(payType === "bank" ? bankOptions : cardOptions),
    ...(payType === "card" && price < 1_000 ? { below1000: "Y" } : {}),
    ...(escrow ? { useescrow: "Y" } : {}),
  };
}

function mergeOptions(filled: Record<string, string>, own: string | undefined): string {
  // The operation's check rejects values that are not name=value pairs.
  if (own !== undefined && (typeof own !== "string" || own.split("&").some((pair) => !pair.includes("="))))
    return own;
  const pairs = new Map(Object.entries(filled));
  for (const pair of own?.split("&") ?? []) {
    const middle = pair.indexOf("=");
    pairs.set(pair.slice(0, middle), pair.slice(middle + 1));
  }
  return Array.from(pairs, ([name, value]) => `${name}=${value}`).join("&");
}
