import type { PaymentLink } from "../book/payment-links.js";
import { type PayMethod, payMethodOf, payMethods } from "../gateway/pay-methods.js";

/** A method that a link offers, and what it lacks to be used. */
export interface OfferedMethod {
  readonly method: PayMethod;
  /** Options that P_RESERVED must have for this method and has not. */
  readonly missing: readonly string[];
}

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  card: ["twotrs_isp=Y", "block_isp=Y", "twotrs_isp_noti=N"],
  bank: ["twotrs_bank=Y", "apprun_check=Y"],
};

/** Returns the requested payment method; all methods if it is unknown. */
export function offeredMethods(link: PaymentLink, insists: boolean): readonly OfferedMethod[] {
  const asked = payMethodOf(link.payType);
  return (asked ? [asked] : payMethods).map((method) => ({
    method,
    missing: insists ? missingOptions(link, method) : [],
  }));
}

function missingOptions({ price, reserved }: PaymentLink, { payType }: PayMethod): readonly string[] {
  const needed = [...(NEEDED[payType] ?? []), ...(payType === "card" && price < 1000 ? ["below1000=Y"] : [])];
  return needed.filter((option) => {
    const [name = "", value] = option.split("=");
    return reserved[name] !== value;
  });
}

const INSTALLMENTS_FROM = 50_000;
const USUAL = ["01", "02", "03", "04", "05", "06"];

/** The months of installment that a buyer may choose from; `00` for a lump sum. */
export function offeredInstallments({ price, quotaBase }: PaymentLink): readonly string[] {
  if (price < INSTALLMENTS_FROM) return ["00"];
  const listed = quotaBase?.split(":") ?? USUAL;
  const hasLumpSum = !listed.includes("99");
  const months = [...new Set(listed)].filter((month) => month !== "01" && month !== "99").sort();
  return hasLumpSum || months.length === 0 ? ["00", ...months] : months;
}
