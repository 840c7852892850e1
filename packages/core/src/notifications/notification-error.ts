/** Why a notification was not read. */
export type NotificationErrorCode =
  /** More than 64 KiB, 200 fields, or 4 KiB in one value. */
  | "too-large"
  /** No form at all. */
  | "malformed"
  | "duplicate-field"
  /** None of the kinds that are known, or not the kind that was asked for. */
  | "unrecognised"
  /** More than one kind at once. */
  | "ambiguous"
  | "missing-field"
  | "invalid-field";

const brand = Symbol.for("@payapi/core.NotificationError");

/**
 * The only error that {@link parseNotification} throws. It names the field it is about and never a value.
 * Such a body is no notification of the gateway's: don't acknowledge it.
 */
export class NotificationError extends Error {
  override readonly name = "NotificationError";
  readonly code: NotificationErrorCode;
  /** The gateway's name of the field, such as `P_AMT`. */
  declare readonly field?: string;

  constructor(code: NotificationErrorCode, message: string, field?: string) {
    super(field === undefined ? `The notification ${message}.` : `The notification's ${field} ${message}.`);
    this.code = code;
    if (field !== undefined) Object.defineProperty(this, "field", { value: field, enumerable: true });
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether it is a {@link NotificationError}, also one thrown by another copy of this package. */
export function isNotificationError(error: unknown): error is NotificationError {
  return typeof error === "object" && error !== null && brand in error;
}
