import type { PaymentRecord } from "@payapi/core";
import type { Pool } from "pg";
import { beginRequest, countAttempt, endRequest, forgiveAttempt } from "./counters-and-requests.js";
import { readOrder, viewOrder } from "./order.js";
import { markSending, reserveApproval, reserveCancel } from "./reserve.js";
import { settle } from "./settle.js";

export function ownRecord(pool: Pool): PaymentRecord {
  return {
    reserveApproval: async (request) => reserveApproval(pool, request),
    reserveCancel: async (request) => reserveCancel(pool, request),
    markSending: (call) => markSending(pool, call),
    settle: (call, outcome) => settle(pool, call, outcome),
    findOrder: async (orderId) => viewOrder(orderId, await readOrder(pool, orderId)),
    countAttempt: (request) => countAttempt(pool, request),
    forgiveAttempt: (counted) => forgiveAttempt(pool, counted),
    beginRequest: (request) => beginRequest(pool, request),
    endRequest: (name, answer) => endRequest(pool, name, answer),
  };
}
