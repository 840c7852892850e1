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

/** What {@link parseNotification} can be told. */
export interface ParseOptions<Kind extends NotificationKind = NotificationKind> {
  /** How the gateway writes: `euc-kr` unless UTF-8 was asked for (`charset` of a link) or agreed on. */
  readonly charset?: Charset | undefined;
  /** The only kind that is taken, for a URL that is registered for one kind. */
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
 * Reads what the gateway sent, from the body's raw bytes: read them before any framework parses them, since most
 * parsers know no EUC-KR. Text never decides anything and never fails; amounts and ids are read strictly.
 *
 * A notification is not signed. Check it against your own record (oid, tid, amount, account) and against the addresses
 * the gateway sends from; store it; then answer with {@link acknowledge}.
 *
 * @throws NotificationError, and nothing else
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

/** The gateway's name of the field that holds the transaction in a notification of this kind. */
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
