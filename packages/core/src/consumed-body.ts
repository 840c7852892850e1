const brand = Symbol.for("@payapi/core.ConsumedBodyError");

/**
 * The error of a request body that other code has read before and that cannot be restored exactly. The handler answers it with
 * `body-consumed`, which says how to mount the handler first.
 */
export class ConsumedBodyError extends Error {
  override readonly name = "ConsumedBodyError";

  constructor() {
    super(
      "Other code has read the request's body before PAYAPI's endpoints. In Express, mount them above the body parser: " +
        'app.use("/payments", createPayApiMiddleware(…)) before app.use(express.json()). ' +
        "In Next.js, pass the request on unread: read request.clone() instead.",
    );
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Returns whether the value is a {@link ConsumedBodyError}, also one of another copy of this package. */
export function isConsumedBodyError(error: unknown): error is ConsumedBodyError {
  return typeof error === "object" && error !== null && brand in error;
}
