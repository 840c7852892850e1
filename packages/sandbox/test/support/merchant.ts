import { createCipheriv, createHash } from "node:crypto";
import vectors from "../fixtures/vectors.json" with { type: "json" };
import { exchange, type RawRequest, type Seen } from "./raw-client.js";

/**
 * A merchant's side written for these tests alone: it shares no code with the sandbox or with core, and
 * known-answers.test.ts holds it against the published vectors.
 */
export function encrypt(plain: string): string {
  const cipher = createCipheriv("aes-256-cbc", vectors.key, vectors.iv);
  return cipher.update(plain, "utf8", "base64") + cipher.final("base64");
}

export function sign(pairs: Readonly<Record<string, string>>): string {
  const { mid, ...rest } = pairs;
  const text = Object.entries({ mid, mkey: vectors.mkey, ...rest })
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  return createHash("sha256").update(text).digest("hex");
}

export function koreanNow(): string {
  return new Date(Date.now() + 9 * 3_600_000).toISOString().replace(/\D/g, "").slice(0, 14);
}

export type Form = Readonly<Record<string, string>>;

const common = () => ({ mid: vectors.mid, timestamp: koreanNow() });

export interface ApprovalInput {
  readonly oid: string;
  readonly price?: string;
  readonly card?: string;
  readonly more?: Form;
}

export function approvalForm({
  oid,
  price = "15000",
  card = "4111111111111111",
  more = {},
}: ApprovalInput): Form {
  const form = { ...common(), oid, price, ...more };
  return {
    cardNumber: encrypt(card),
    cardExpireYY: "49",
    cardExpireMM: "12",
    cardQuota: "00",
    quotaInterest: "0",
    buyerName: "홍길동",
    ...form,
    signature: sign({ mid: form.mid, oid: form.oid, price: form.price, timestamp: form.timestamp }),
  };
}

export function prefixForm(cardNumber: string): Form {
  const form = common();
  return {
    ...form,
    cardNumber,
    signature: sign({ mid: form.mid, cardNumber, timestamp: form.timestamp }),
  };
}

export function cancelForm(tid: string, amounts: Form): Form {
  const form = common();
  return { payType: "card", currency: "WON", ...form, tid, ...amounts, signature: sign(form) };
}

export const paths = {
  approve: "/noauth/pay/card",
  lookupPrefix: "/search/card/prefix",
  cancel: "/cancel/cancel",
  cancelPartially: "/cancel/repay",
} as const;

export function formRequest(path: string, form: Form): RawRequest {
  const body = Object.entries(form)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
  return { path, headers: { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" }, body };
}

export type Reply = Seen & { readonly json: Readonly<Record<string, string>> };

/** Posts a form and reads the JSON reply. */
export async function post(url: string, path: string, form: Form): Promise<Reply> {
  const seen = await exchange(url, formRequest(path, form));
  return { ...seen, json: JSON.parse(seen.body) as Record<string, string> };
}

/** Approves a payment and gives its tid. */
export async function approve(url: string, oid: string, price = "15000"): Promise<string> {
  const { json } = await post(url, paths.approve, approvalForm({ oid, price }));
  if (!json.tid) throw new Error(`not approved: ${json.ResultCode}`);
  return json.tid;
}
