import type { Secret } from "../secret.js";

/** How a request field is validated and encoded. */
export type RequestCodec =
  /** Free text, counted in characters (code points). */
  | "text"
  /** A word of letters, digits, `_` and `-`, such as a payment method. */
  | "word"
  /** Won, a safe integer above 0. */
  | "amount"
  /** Won, a safe integer that may be 0. */
  | "amount-or-zero"
  /** 13 to 16 digits. */
  | "card-number"
  /** The first 6 digits of a card number. */
  | "card-prefix"
  /** Two digits of a year, as a number or as digits. */
  | "year"
  /** A month from 1 to 12, as a number or as digits. */
  | "month"
  /** A birth date of 6 digits or a business registration number of 10. */
  | "regist-no"
  /** Exactly two digits. */
  | "two-digits"
  /** A number of installment months: 0 for a lump sum, or 2 to 36 from 50,000 won, but none with a business number (a corporate card). */
  | "installments"
  /** One of the field's `choices`. */
  | "choice"
  /** Printable ASCII. */
  | "ascii"
  /** Digits, kept as text since leading zeros matter. */
  | "digits"
  /** A whole number above 0, not an amount. */
  | "count"
  /** A calendar date in Korean time: a `Date`, or `YYYY-MM-DD`. */
  | "korean-date"
  /** An IPv4 address. */
  | "ipv4"
  /** An https URL of the merchant's, with an ASCII host; in the sandbox environment also http on this machine. */
  | "merchant-url"
  /** The installment months that a buyer may choose: 1 for a lump sum, 2 to 36, 99 to exclude the lump sum. */
  | "installment-list"
  /** Options of the payment page, as `name=value&name=value`. */
  | "page-options";

/** A field of a request, in the order of the form. */
export interface RequestField {
  /** The name on the wire, if it differs from the public name. */
  readonly wire?: string;
  /** The Korean name in the guide. */
  readonly ko: string;
  /** The gateway's maximum number of characters (of the plain text, for encrypted fields); `null` if the guide has no limit. */
  readonly size: number | null;
  /** Whether the gateway requires it. */
  readonly required: boolean;
  readonly codec: RequestCodec;
  /** Sent encrypted. */
  readonly encrypted?: true;
  /** Never printed: see {@link Secret}. */
  readonly secret?: true;
  /** The client fills these in; callers cannot. */
  readonly filledBy?: "config" | "clock" | "signature";
  /** For codec `choice`: public value to wire value. */
  readonly choices?: Readonly<Record<string, string>>;
  /** The field is required if the payment method is this one. */
  readonly requiredForPayType?: string;
  /** The value if the caller leaves the field out; `""` sends the field empty. */
  readonly default?: string | number;
  /** The payment page allows no `: ? " & \`` and no line breaks in this field. */
  readonly pageText?: true;
}

/** How a reply field is read. */
export type ReplyCodec = "text" | "amount" | "choice";

/** A value of a reply, read from one field, or for a time from a date field and a time field. */
export type ReplyField =
  | {
      readonly wire: string;
      readonly ko: string;
      readonly size: number | null;
      readonly codec: ReplyCodec;
      readonly secret?: true;
      /** For codec `choice`: wire value to public value. An unlisted value is kept as received. */
      readonly choices?: Readonly<Record<string, string>>;
    }
  | {
      readonly codec: "korean-time";
      /** `YYYYMMDD` and `hhmmss`, in Korean time. */
      readonly wire: readonly [date: string, time: string];
      readonly ko: readonly [date: string, time: string];
      readonly size: readonly [date: number, time: number];
    };

/** A service of the gateway as data. All other code about it derives from this entry. */
export interface Operation {
  /** The section of the gateway's guide. */
  readonly section: string;
  /** The public name, `group.method`. */
  readonly name: string;
  /** The service's name in Korean. */
  readonly ko: string;
  readonly path: string;
  /** The client repeats only calls of the kind `reads`. */
  readonly effect: "moves-money" | "changes-state" | "reads";
  readonly request: Readonly<Record<string, RequestField>>;
  /** The signed fields in order: public names, and `mkey` for the hash of the sign key. */
  readonly signed: readonly string[];
  readonly reply: Readonly<Record<string, ReplyField>>;
  readonly success: {
    /** The result code of success. Another code of `successCodes` proves nothing: the outcome is then `unknown`. */
    readonly code: string;
    /** Reply values that a success must have; otherwise the call is `moved`. */
    readonly needs: readonly string[];
    /** Reply values that must equal a request field if the reply has them; otherwise the call is `moved`. */
    readonly echoes: Readonly<Record<string, string>>;
  };
}

/** Keeps an entry's literal types and checks the field names that it uses. */
export function defineOperation<const O extends Operation>(
  operation: O & {
    readonly signed: readonly ((keyof O["request"] & string) | "mkey")[];
    readonly success: {
      readonly needs: readonly (keyof O["reply"] & string)[];
      readonly echoes: { readonly [K in keyof O["reply"]]?: keyof O["request"] & string };
    };
  },
): O {
  return operation;
}

/** The field's name on the wire. */
export function wireName(publicName: string, field: RequestField): string {
  return field.wire ?? publicName;
}

type Caller<F extends RequestField> = F["codec"] extends
  | "amount"
  | "amount-or-zero"
  | "installments"
  | "count"
  ? number
  : F["codec"] extends "korean-date"
    ? Date | string
    : F["codec"] extends "installment-list"
      ? readonly number[]
      : F["codec"] extends "year" | "month"
        ? number | string
        : F extends { readonly choices: infer C }
          ? keyof C & string
          : F extends { readonly secret: true }
            ? string | Secret
            : string;

type OptionalForCaller<F extends RequestField> = F extends { readonly required: false }
  ? true
  : F extends { readonly default: string | number }
    ? true
    : false;

type RequestOf<O extends Operation> = O["request"];

/** The input of an operation: the fields that the client does not fill in itself. */
export type InputOf<O extends Operation> = {
  -readonly [K in keyof RequestOf<O> as RequestOf<O>[K] extends { readonly filledBy: string }
    ? never
    : OptionalForCaller<RequestOf<O>[K]> extends true
      ? never
      : K]: Caller<RequestOf<O>[K]>;
} & {
  -readonly [K in keyof RequestOf<O> as RequestOf<O>[K] extends { readonly filledBy: string }
    ? never
    : OptionalForCaller<RequestOf<O>[K]> extends true
      ? K
      : never]?: Caller<RequestOf<O>[K]> | undefined;
};

type ReplyValue<F extends ReplyField> = F["codec"] extends "korean-time"
  ? Date
  : F["codec"] extends "amount"
    ? number
    : F extends { readonly secret: true }
      ? Secret
      : F extends { readonly choices: infer C }
        ? C[keyof C] | (string & {})
        : string;

type Needed<O extends Operation> = O["success"]["needs"][number];

/** The result of a successful call. */
export type ResultOf<O extends Operation> = {
  readonly resultCode: string;
  /** The gateway's message, for display only. */
  readonly resultMessage: string;
  /** Every field of the reply as received, by the gateway's names; secret fields are {@link Secret}s. */
  readonly raw: Readonly<Record<string, unknown>>;
} & {
  readonly [K in keyof O["reply"] & Needed<O>]: ReplyValue<O["reply"][K]>;
} & {
  readonly [K in Exclude<keyof O["reply"], Needed<O>>]?: ReplyValue<O["reply"][K]>;
};
