// PAYAPI's endpoints under /api/payments; everything about them is in lib/payments.
import { paymentHandlers } from "../../../../lib/payments";

// Next reads both from the text, so they must stay literals.
export const runtime = "nodejs"; // the gateway's and the database's connections need Node.js
export const maxDuration = 120; // seconds; a call to the gateway may take 60, and is written down after it

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = paymentHandlers;
