import { FieldReader } from "./field-reader.js";
import type { Charset } from "./form.js";
import { type FormBytes, isFormProblem, splitForm } from "./form.js";
import type {
  DepositNotification,
  EscrowNotification,
  MobileNotification,
  Notification,
  NotificationKind,
} from "./notification.js";
import { NotificationError } from "./notification-error.js";
import { parseDeposit, parseEscrow, parseMobile } from "./parse-kinds.js";

/** The options of {@link parseNotification}. */
export interface ParseOptions<Kind extends NotificationKind = NotificationKind> {
  /** The charset: `utf-8` only if a link's `charset` requested it or you agreed on it (default: `euc-kr`). */
  readonly charset?: Charset | undefined;
  /** The expected kind, for a URL that is registered for one kind (default: all kinds). */
  readonly kind?: Kind | undefined;
}

const kinds = {
  mobile: { marks: ["P_STATUS", "P_TID"], tid: "P_TID", parse: parseMobile },
  deposit: { marks: ["no_tid", "type_msg"], tid: "no_tid", parse: parseDeposit },
  escrow: { marks: ["id_merchant", "cl_status"], tid: "no_tid", parse: parseEscrow },
} as const satisfies Record<
  NotificationKind,
  { marks: readonly string[]; tid: string; parse: (form: FieldReader) => Notification }
>;

interface NotificationOf {
  mobile: MobileNotification;
  deposit: DepositNotification;
  escrow: EscrowNotification;
}

/**
 * Parses a notification from the body's raw bytes. Pass the unparsed body, since most body parsers do not know EUC-KR. Amounts and ids
 * are read strictly; invalid text never fails.
 *
 * A notification is not signed. Compare it with your own data (oid, tid, amount, account), check the sender's address, store it, then
 * answer with {@link acknowledge}.
 *
 * @throws NotificationError; no other error
 */
export function parseNotification<Kind extends NotificationKind = NotificationKind>(
  body: Uint8Array,
  options: ParseOptions<Kind> = {},
): NotificationOf[Kind] {
  if (!(body instanceof Uint8Array)) throw new NotificationError("malformed", "must be passed as bytes");
  const form = splitForm(body, "form");
  if (isFormProblem(form)) throw new NotificationError(form.code, form.message, form.field);
  const kind = recognise(form, options.kind);
  const charset = options.charset === "utf-8" ? "utf-8" : "euc-kr";
  return kinds[kind].parse(new FieldReader(form, charset)) as NotificationOf[Kind];
}

/** The gateway's name of the transaction field in a notification of this kind. */
export function tidFieldOf(kind: NotificationKind): string {
  return kinds[kind].tid;
}

function recognise(form: FormBytes, expected: NotificationKind | undefined): NotificationKind {
  const found = (Object.keys(kinds) as NotificationKind[]).filter((kind) =>
    kinds[kind].marks.every((mark) => form.has(mark)),
  );
  const [kind] = found;
  if (found.length > 1) throw new NotificationError("ambiguous", "is of more than one kind");
  if (kind === undefined) throw new NotificationError("unrecognised", "is of no known kind");
  if (expected !== undefined && kind !== expected) {
    throw new NotificationError("unrecognised", "is of a kind that this address does not accept");
  }
  return kind;
}
