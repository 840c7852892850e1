const brand = Symbol.for("@payapi/core.ConsumedBodyError");

/**
 * A request's body was read by somebody else before, and what is left of it is not surely what was sent. A body's stream
 * fails with this; the handler then tells how to mount it first.
 */
export class ConsumedBodyError extends Error {
  override readonly name = "ConsumedBodyError";

  constructor() {
    super(
      "A body parser has read the request before PAYAPI's endpoints. Mount them above the parser: " +
        'app.use("/payments", createPayApiMiddleware(…)) before app.use(express.json()).',
    );
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether it is a {@link ConsumedBodyError}, also one of another copy of this package. */
export function isConsumedBodyError(error: unknown): error is ConsumedBodyError {
  return typeof error === "object" && error !== null && brand in error;
}
