// PAYAPI's endpoints under /api/payments; everything about them is in lib/payments.
import { paymentHandlers } from "../../../../lib/payments";

// Seconds: a call to the gateway may take 60, and its outcome is recorded after it. Next reads this number from the text, so
// it must stay a literal. The route runs in Node.js, which is Next's default: do not export `runtime`, which
// `cacheComponents` refuses.
export const maxDuration = 120;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = paymentHandlers;
