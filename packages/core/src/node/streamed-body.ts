import type { IncomingMessage } from "node:http";
import { ConsumedBodyError } from "../consumed-body.js";

/**
 * Returns a Node request's body as a web stream. It reads only on demand, so an unread body stays with the client. Cancelling the
 * stream leaves the connection open for the answer.
 */
export function streamedBody(message: IncomingMessage): ReadableStream<Uint8Array> {
  let begun = false;
  let ended = false;
  let failure: Error | undefined;
  let wake = () => {};

  const onReadable = () => wake();
  const onEnd = () => {
    ended = true;
    wake();
  };
  const onError = (error: Error) => {
    failure ??= error;
    wake();
  };
  const onClose = () => {
    if (!message.readableEnded)
      onError(new Error("The client disconnected before it sent the complete request."));
  };
  const attach = () => {
    begun = true;
    if (message.readableDidRead) failure = new ConsumedBodyError();
    message.on("readable", onReadable).on("end", onEnd).on("error", onError).on("close", onClose);
    if (message.destroyed) onClose();
  };
  const detach = () => {
    message.off("readable", onReadable).off("end", onEnd).off("error", onError).off("close", onClose);
  };

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!begun) attach();
        for (;;) {
          const chunk: unknown = failure ? null : message.read();
          if (chunk instanceof Uint8Array) return controller.enqueue(chunk);
          // Other code called setEncoding, which turned the bytes into text.
          if (typeof chunk === "string") failure = new ConsumedBodyError();
          if (failure || ended) {
            detach();
            return failure ? controller.error(failure) : controller.close();
          }
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
      cancel() {
        ended = true;
        if (begun) detach();
        wake();
      },
    },
    { highWaterMark: 0 },
  );
}
