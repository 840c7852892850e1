import { FieldReader, problemOf } from "./field-reader.js";
import { type Charset, type FormBytes, type FormProblem, isFormProblem, splitForm } from "./form.js";
import type {
  DepositNotification,
  EscrowNotification,
  MobileNotification,
  Notification,
  NotificationKind,
} from "./notification.js";
import { NotificationError, type NotificationProblem } from "./notification-error.js";
import { bodyKeyOf, parseDeposit, parseEscrow, parseMobile, type Reading } from "./parse-kinds.js";

/** The options of {@link parseNotification}. */
export interface ParseOptions<Kind extends NotificationKind = NotificationKind> {
  /** The charset: `utf-8` only if a link's `charset` requested it or you agreed on it (default: `euc-kr`). */
  readonly charset?: Charset | undefined;
  /** The expected kind, for a URL that is registered for one kind (default: found by the fields). */
  readonly kind?: Kind | undefined;
}

const kinds = {
  mobile: { marks: ["P_STATUS", "P_TID"], tid: "P_TID", parse: parseMobile },
  deposit: { marks: ["no_tid", "type_msg"], tid: "no_tid", parse: parseDeposit },
  escrow: { marks: ["id_merchant", "cl_status"], tid: "no_tid", parse: parseEscrow },
} as const satisfies Record<
  NotificationKind,
  { marks: readonly string[]; tid: string; parse: (form: FieldReader, reading: Reading) => Notification }
>;

interface NotificationOf {
  mobile: MobileNotification;
  deposit: DepositNotification;
  escrow: EscrowNotification;
}

/**
 * Parses a notification from the body's raw bytes. Pass the unparsed body, since most body parsers do not know EUC-KR.
 *
 * Values are read as they are meant: padded with zeros or blanks, with commas, in capital or small letters. What cannot be read, or has two
 * meanings, is never believed: with the expected `kind`, it is returned as `unrecognised`, with its `problem` and every field. Store and
 * acknowledge it as well, since the gateway repeats it in vain after any other answer, and then gives up.
 *
 * A notification is not signed. Compare it with your own data (oid, tid, amount, account), check the sender's address, store it, then
 * answer with {@link acknowledge}.
 *
 * @throws NotificationError without `kind`, if the body's fields are of no kind or of more than one; no other error
 */
export function parseNotification<Kind extends NotificationKind = NotificationKind>(
  body: Uint8Array,
  options: ParseOptions<Kind> = {},
): NotificationOf[Kind] {
  if (!(body instanceof Uint8Array)) throw new NotificationError("malformed", "must be passed as bytes");
  const form = splitForm(body, "form");
  const charset = options.charset === "utf-8" ? "utf-8" : "euc-kr";
  return read(form, body, charset, options.kind) as NotificationOf[Kind];
}

/** Parses a stored notification again, from its fields; the secrets among them are redacted, and no decision uses them. */
export function parseStoredFields<Kind extends NotificationKind>(
  kind: Kind,
  fields: Readonly<Record<string, string>>,
): NotificationOf[Kind] {
  const entries = Object.entries(fields);
  const form = new Map(entries.map(([name, value]) => [name, new TextEncoder().encode(value)]));
  return read(form, JSON.stringify(entries), "utf-8", kind) as NotificationOf[Kind];
}

/** The gateway's name of the transaction field in a notification of this kind. */
export function tidFieldOf(kind: NotificationKind): string {
  return kinds[kind].tid;
}

function read(
  form: FormBytes | FormProblem,
  body: string | Uint8Array,
  charset: Charset,
  expected: NotificationKind | undefined,
): Notification {
  const pairs = isFormProblem(form) ? form.pairs : form;
  const found = (Object.keys(kinds) as NotificationKind[]).filter((kind) =>
    kinds[kind].marks.every((mark) => pairs.has(mark)),
  );
  const [only] = found;
  const kind = expected ?? (found.length === 1 ? only : undefined);
  if (kind === undefined) {
    if (isFormProblem(form)) throw new NotificationError(form.code, form.message, form.field);
    if (found.length > 1) throw new NotificationError("ambiguous", "is of more than one kind");
    throw new NotificationError("unrecognised", "is of no known kind");
  }
  let problem: NotificationProblem | undefined;
  if (isFormProblem(form)) problem = problemOf(form);
  else if (found.length > 1) problem = { code: "ambiguous" };
  else if (only !== undefined && only !== kind) problem = { code: "unrecognised" };
  return kinds[kind].parse(new FieldReader(pairs, charset), { problem, bodyKey: bodyKeyOf(kind, body) });
}
