// PAYAPI's endpoints under /api/payments; lib/payments configures them.
import { paymentHandlers } from "../../../../lib/payments";

// In seconds: a call to the gateway may take 60, and its outcome is stored afterwards. Next reads this number from the source
// text, so it must be a literal. The route runs in Node.js, Next's default: do not export `runtime`, which `cacheComponents`
// rejects.
export const maxDuration = 120;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = paymentHandlers;
