import type { Secret } from "../secret.js";

/** How a request field is checked and written on the wire. */
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
  /** A number of installment months: 0 for a lump sum, or 2 to 36. */
  | "installments"
  /** One of the field's `choices`. */
  | "choice"
  /** Printable ASCII. */
  | "ascii"
  /** Digits, kept as text since leading zeros matter. */
  | "digits"
  /** A whole number above 0 that is no amount. */
  | "count"
  /** A calendar date in Korean time: a `Date`, or `YYYY-MM-DD`. */
  | "korean-date"
  /** An IPv4 address. */
  | "ipv4"
  /** An https URL of the merchant's, with an ASCII host; in the sandbox environment also http on this machine. */
  | "merchant-url"
  /** Numbers of installment months a buyer may choose from: 1 for a lump sum, 2 to 36, 99 to take the lump sum away. */
  | "installment-list"
  /** Options of the payment page, as `name=value&name=value`. */
  | "page-options";

/** One field of a request, in the order in which it stands in the form. */
export interface RequestField {
  /** The name on the wire, where it differs from the public one. */
  readonly wire?: string;
  /** The Korean name in the guide. */
  readonly ko: string;
  /** The most characters the gateway takes (of the plain text, for encrypted fields); `null` where the guide gives none. */
  readonly size: number | null;
  /** Whether the gateway demands it. */
  readonly required: boolean;
  readonly codec: RequestCodec;
  /** Sent through the field cipher. */
  readonly encrypted?: true;
  /** Never printed: see {@link Secret}. */
  readonly secret?: true;
  /** The client fills these in; callers cannot. */
  readonly filledBy?: "config" | "clock" | "signature";
  /** For codec `choice`: public value to wire value. */
  readonly choices?: Readonly<Record<string, string>>;
  /** What is sent when the caller leaves the field out, as a caller would give it; `""` sends the field empty. */
  readonly default?: string | number;
  /** The payment page takes none of `: ? " & \`` and line breaks in this field. */
  readonly pageText?: true;
}

/** How a reply field is read. */
export type ReplyCodec = "text" | "amount" | "choice";

/** One value of a reply, read from one field, or for a time from a date and a time field. */
export type ReplyField =
  | {
      readonly wire: string;
      readonly ko: string;
      readonly size: number | null;
      readonly codec: ReplyCodec;
      readonly secret?: true;
      /** For codec `choice`: wire value to public value. A value not listed is kept as it came. */
      readonly choices?: Readonly<Record<string, string>>;
    }
  | {
      readonly codec: "korean-time";
      /** `YYYYMMDD` and `hhmmss`, in Korean time. */
      readonly wire: readonly [date: string, time: string];
      readonly ko: readonly [date: string, time: string];
      readonly size: readonly [date: number, time: number];
    };

/** One service of the gateway as data. Everything else about it derives from this entry. */
export interface Operation {
  /** The section of the gateway's guide. */
  readonly section: string;
  /** The public name, `group.method`. */
  readonly name: string;
  /** The service's name in Korean. */
  readonly ko: string;
  readonly path: string;
  /** `moves-money` and `changes-state` are never repeated on their own; `reads` may be. */
  readonly effect: "moves-money" | "changes-state" | "reads";
  readonly request: Readonly<Record<string, RequestField>>;
  /** What is signed, in this order: public names, and `mkey` for the hash of the sign key. */
  readonly signed: readonly string[];
  readonly reply: Readonly<Record<string, ReplyField>>;
  readonly success: {
    /** The one result code of success. Any other of `successCodes` proves nothing: the call's outcome is `unknown`. */
    readonly code: string;
    /** Reply values without which a success cannot be recorded; the call is then `moved`. */
    readonly needs: readonly string[];
    /** Reply value to request field: where the reply has it, it must be equal, or the call is `moved`. */
    readonly echoes: Readonly<Record<string, string>>;
  };
}

/** Keeps an entry's literal types and checks that it only names fields it has. */
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

/** What a caller gives to an operation: the fields the client does not fill in itself. */
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

/** What a successful call resolves to. */
export type ResultOf<O extends Operation> = {
  readonly resultCode: string;
  /** The gateway's own words, for people; never decide by it. */
  readonly resultMessage: string;
  /** Every field of the reply as it came, under the gateway's own names; secret ones are {@link Secret}s. */
  readonly raw: Readonly<Record<string, unknown>>;
} & {
  readonly [K in keyof O["reply"] & Needed<O>]: ReplyValue<O["reply"][K]>;
} & {
  readonly [K in Exclude<keyof O["reply"], Needed<O>>]?: ReplyValue<O["reply"][K]>;
};
