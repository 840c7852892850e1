import { readPriceText, unpadded } from "../as-meant.js";
import { type Problem, problemsError } from "../errors.js";
import {
  type Charset,
  decodeText,
  type Fields,
  type FormBytes,
  formLimit,
  isFormProblem,
  readDisplayText,
  readFields,
  splitForm,
} from "../notifications/form.js";
import { readDueDate } from "../notifications/page-facts.js";
import { type OptionNames, optionProblems } from "../option-names.js";
import { Secret } from "../secret.js";
import { type PageEnd, pageEndOf } from "./page-end.js";

interface ReturnFacts {
  /** P_STATUS as received. */
  readonly statusCode: string;
  /** The gateway's message, for display only. */
  readonly message: string;
  /** P_NOTI: the unguessable token that identifies the order, if the link had one. */
  readonly token?: string | undefined;
  /** The amount (P_AMT), if the method returns it, in won. */
  readonly price?: number | undefined;
  /** The order number (P_OID), if the return has one, as of a virtual account. */
  readonly oid?: string | undefined;
  /** The merchant (P_MID), if the return has one. */
  readonly mid?: string | undefined;
  readonly charset: Charset;
  /** Every field as received, by the gateway's names. */
  readonly fields: Fields;
}

/** The buyer authenticated. Nothing is paid yet: `page.approve` requests the approval. */
export interface PageAuthenticated extends ReturnFacts {
  readonly status: "authenticated";
  readonly tid: string;
  /** The URL for the approval; `page.approve` validates it. */
  readonly reqUrl: Secret;
}

/** A virtual account was issued. Nothing is paid yet; a notification reports the deposit. */
export interface PageAccountIssued extends ReturnFacts {
  readonly status: "account-issued";
  readonly tid: string;
  readonly account: string;
  /** A code of `banksAndIssuers`. */
  readonly bankCode?: string | undefined;
  /** The account holder's name, for display only. */
  readonly accountHolder: string;
  /** The deadline of the deposit. */
  readonly dueAt?: Date | undefined;
}

/** The buyer gave up, or could not be authenticated. */
export interface PageFailed extends ReturnFacts {
  readonly status: "failed";
  /** Read from the gateway's words, for display only. */
  readonly reason: PageEnd;
  readonly tid?: string | undefined;
}

/** A buyer's return from the payment page. The buyer can forge every value, so it proves nothing. */
export type PageReturn = PageAuthenticated | PageAccountIssued | PageFailed;

/** The options of `page.readReturn`. */
export interface ReadReturnOptions {
  /** The charset that the link requested (default: `utf-8`, as `page.createLink` requests). */
  readonly charset?: Charset | undefined;
}

const optionNames = { charset: true } satisfies OptionNames<ReadReturnOptions>;
const documented = "the type ReadReturnOptions of @payapi/core";

/**
 * Reads a return to P_NEXT_URL, by POST or GET.
 *
 * @throws PayApiError `invalid-input`; no other error
 */
export async function readReturn(
  source: PageReturnSource,
  options: ReadReturnOptions = {},
): Promise<PageReturn> {
  const unknown = optionProblems(options, { names: optionNames, documented });
  if (unknown.length > 0) throw refuse(unknown);
  const bytes = await formBytes(source);
  if (bytes === undefined) throw refuse([{ field: "source", message: "has no readable form" }]);
  const form = splitForm(bytes, "form");
  if (isFormProblem(form)) throw refuse([{ field: form.field ?? "source", message: form.message }]);
  // URLSearchParams has already decoded its values as UTF-8.
  const charset = options.charset === "euc-kr" ? "euc-kr" : "utf-8";
  const reader = new ReturnReader(form, source instanceof URLSearchParams ? "utf-8" : charset);
  const read = reader.read(charset);
  if (reader.problems.length > 0) throw refuse(reader.problems);
  return read;
}

/** The token in P_NOTI, for returns to one constant address (default: empty). */
export function returnedToken(form: Uint8Array): string {
  const pairs = splitForm(form, "form");
  const noti = isFormProblem(pairs) ? undefined : pairs.get("P_NOTI");
  return noti === undefined ? "" : unpadded(decodeText(noti, "utf-8"));
}

function refuse(problems: readonly Problem[]): Error {
  return problemsError("invalid-input", problems, "page.readReturn");
}

class ReturnReader {
  readonly problems: Problem[] = [];
  readonly #form: FormBytes;
  readonly #charset: Charset;

  constructor(form: FormBytes, charset: Charset) {
    this.#form = form;
    this.#charset = charset;
  }

  read(charset: Charset): PageReturn {
    const statusCode = this.#required("P_STATUS", /^[A-Za-z0-9_-]{1,20}$/) ?? "";
    const amount = this.#text("P_AMT");
    const price = readPriceText(amount);
    if (amount !== "" && price === undefined) this.problems.push({ field: "P_AMT", message: "is invalid" });
    const facts = {
      statusCode,
      message: readDisplayText(this.#form.get("P_RMESG1"), charset),
      token: this.#text("P_NOTI") || undefined,
      price,
      oid: this.#optional("P_OID", /^[\x21-\x7e]{1,100}$/),
      mid: this.#optional("P_MID", /^[\x21-\x7e]{1,10}$/),
      charset,
      fields: readFields(this.#form, this.#charset, ["P_REQ_URL"]),
    };
    const tidPattern = /^[\x21-\x7e]{1,40}$/;
    if (statusCode !== "00") {
      const tid = this.#optional("P_TID", tidPattern);
      return { ...facts, status: "failed", reason: pageEndOf(facts.message), tid };
    }
    const tid = this.#required("P_TID", tidPattern) ?? "";
    if (this.#text("P_VACT_NUM") === "") {
      this.#required("P_REQ_URL", /^/);
      // Unchanged: a URL that needs to be normalised first is not one of the gateway's.
      const reqUrl = new Secret(decodeText(this.#form.get("P_REQ_URL") ?? new Uint8Array(), this.#charset));
      return { ...facts, status: "authenticated", tid, reqUrl };
    }
    if (this.#text("P_REQ_URL") !== "") {
      this.problems.push({ field: "P_REQ_URL", message: "must not be sent with a virtual account" });
    }
    const account = this.#required("P_VACT_NUM", /^[0-9-]{1,30}$/) ?? "";
    return { ...facts, status: "account-issued", tid, account, ...this.#accountDetails(charset) };
  }

  #accountDetails(charset: Charset): Pick<PageAccountIssued, "bankCode" | "accountHolder" | "dueAt"> {
    return {
      bankCode: this.#optional("P_VACT_BANK_CODE", /^[A-Za-z0-9]{1,10}$/)?.toUpperCase(),
      accountHolder: readDisplayText(this.#form.get("P_VACT_NAME"), charset),
      dueAt: readDueDate(this.#text("P_VACT_DATE") + this.#text("P_VACT_TIME")),
    };
  }

  #required(name: string, pattern: RegExp): string | undefined {
    if (this.#text(name) !== "") return this.#optional(name, pattern);
    this.problems.push({ field: name, message: "is missing" });
    return undefined;
  }

  // An invalid value is a problem also in an optional field.
  #optional(name: string, pattern: RegExp): string | undefined {
    const text = this.#text(name);
    if (text === "") return undefined;
    if (pattern.test(text)) return text;
    this.problems.push({ field: name, message: "is invalid" });
    return undefined;
  }

  #text(name: string): string {
    const bytes = this.#form.get(name);
    return bytes === undefined ? "" : unpadded(decodeText(bytes, this.#charset));
  }
}

/** A web `Request`, or the needed parts of one. */
export interface RequestLike {
  readonly method: string;
  readonly url: string;
  readonly body?: ReadableStream<Uint8Array> | null;
}

/** The source of a return: a request, the raw bytes of a form or a query string, or a query parsed as UTF-8. */
export type PageReturnSource = URLSearchParams | Uint8Array | RequestLike;

/** Returns the bytes of the form; `undefined` if it is missing or too large. */
async function formBytes(source: PageReturnSource): Promise<Uint8Array | undefined> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof URLSearchParams) return Buffer.from(source.toString());
  if (typeof source !== "object" || source === null || typeof source.url !== "string") return undefined;
  // The guide does not say which one the gateway uses; a browser's POST has its fields in the body.
  if (source.method === "POST") return readAll(source.body);
  return Buffer.from(/\?([^#]*)/.exec(source.url)?.[1] ?? "");
}

async function readAll(body: ReadableStream<Uint8Array> | null | undefined): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.byteLength;
      if (size > formLimit) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    // The browser disconnected before it sent the complete request, or other code has read the body.
    return undefined;
  }
}
