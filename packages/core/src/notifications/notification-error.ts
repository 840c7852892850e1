/** The reason why a notification was rejected. */
export type NotificationErrorCode =
  /** More than 64 KiB, 200 fields, or 4 KiB in one value. */
  | "too-large"
  /** The body is not a form. */
  | "malformed"
  | "duplicate-field"
  /** Unknown kind, or not the expected kind. */
  | "unrecognised"
  /** The fields match more than one kind. */
  | "ambiguous"
  | "missing-field"
  | "invalid-field";

const brand = Symbol.for("@payapi/core.NotificationError");

/**
 * The only error that {@link parseNotification} throws. It names the field and never contains a value. The body is not a notification
 * of the gateway: don't acknowledge it.
 */
export class NotificationError extends Error {
  override readonly name = "NotificationError";
  readonly code: NotificationErrorCode;
  /** The gateway's name of the invalid field, such as `P_AMT`. */
  declare readonly field?: string;

  constructor(code: NotificationErrorCode, message: string, field?: string) {
    super(field === undefined ? `The notification ${message}.` : `The notification's ${field} ${message}.`);
    this.code = code;
    if (field !== undefined) Object.defineProperty(this, "field", { value: field, enumerable: true });
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Returns whether the value is a {@link NotificationError}, also one thrown by another copy of this package. */
export function isNotificationError(error: unknown): error is NotificationError {
  return typeof error === "object" && error !== null && brand in error;
}
