/** The reason why a notification could not be read. */
export type NotificationErrorCode =
  /** More than 128 KiB, or 200 fields. */
  | "too-large"
  /** The body is not a form. */
  | "malformed"
  /** A field occurs twice, with different values. */
  | "duplicate-field"
  /** Unknown kind, or not the expected kind, or a code that the guide does not list. */
  | "unrecognised"
  /** The fields match more than one kind, or two fields contradict each other. */
  | "ambiguous"
  | "missing-field"
  | "invalid-field";

/** What is wrong with a notification that could not be read. It names the field and never contains a value. */
export interface NotificationProblem {
  readonly code: NotificationErrorCode;
  /** The gateway's name of the field, such as `P_AMT`. */
  readonly field?: string;
}

const brand = Symbol.for("@payapi/core.NotificationError");

/**
 * The only error that {@link parseNotification} throws, and only if the body shows no kind and none was passed. It names the field and never
 * contains a value.
 */
export class NotificationError extends Error implements NotificationProblem {
  override readonly name = "NotificationError";
  readonly code: NotificationErrorCode;
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
