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
  /**
   * The User-Agent of the buyer's browser. iPhones need an option for cards from 300,000 won, and one that leads back to the app in which
   * the shop is open, such as KakaoTalk.
   */
  readonly userAgent?: string | undefined;
  /** Further options of the page, as `name=value&name=value`; they override those filled in. */
  readonly reserved?: string | undefined;
};

const cardOptions = { twotrs_isp: "Y", block_isp: "Y", twotrs_isp_noti: "N" };
const bankOptions = { twotrs_bank: "Y" };

/** Browsers of iPhones that are not Safari: an app that was opened to pay comes back to Safari, unless it is told the scheme. */
const iosApps: readonly (readonly [userAgent: RegExp, scheme: string])[] = [
  [/KAKAOTALK/i, "kakaotalk://"],
  [/NAVER\(/i, "naversearchapp://"],
  [/DaumApps/i, "daumapps://open"],
  [/FBAN|FBAV/, "fb://"],
  [/CriOS/, "googlechromes://"],
];

/** Creates a link with the options that its payment method needs. */
export async function createLink(
  input: PageLinkInput,
  options: CallOptions,
  send: Method<LinkOperation>,
): Promise<ResultOf<LinkOperation>> {
  // The operation itself reports problems with the input, all at once.
  if (typeof input !== "object" || input === null) return send(input as never, options);
  const { escrow, token, reserved, userAgent, ...order } = input;
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
  if (userAgent !== undefined && typeof userAgent !== "string") {
    problems.push(fieldProblem("userAgent", { en: "must be text", ko: "문자열이어야 합니다" }));
  }
  if (problems.length > 0) throw problemsError("invalid-input", problems, "page.createLink");
  const filled = {
    ...reservedFor(order.payType, order.price, escrow === true),
    ...deviceOptions(order.payType, order.price, userAgent),
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

/** The options for card and bank apps on the buyer's device. Links by text message may be opened on any, so their device is not known. */
function deviceOptions(payType: string, price: number, userAgent = ""): Record<string, string> {
  if (payType !== "card" && payType !== "bank") return {};
  const isIos = /iPhone|iPad|iPod/.test(userAgent);
  const scheme = isIos ? iosApps.find(([pattern]) => pattern.test(userAgent))?.[1] : undefined;
  return {
    // The guide allows either of them, not both.
    ...(scheme === undefined ? { apprun_check: "Y" } : { app_scheme: scheme }),
    ...(isIos && payType === "card" && price >= 300_000 ? { ismart_use_sign: "Y" } : {}),
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
