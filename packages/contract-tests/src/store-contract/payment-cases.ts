import type { PaymentStore } from "@payapi/core";
import { approvalCases } from "./approval-cases.js";
import { cancelCases } from "./cancel-cases.js";
import type { ContractCase, OpenContract } from "./contract-case.js";
import { idempotencyCases } from "./idempotency-cases.js";
import { rateLimitCases } from "./rate-limit-cases.js";
import { sendingCases } from "./sending-cases.js";
import { settlingCases } from "./settling-cases.js";

/** What core's handler relies on in every `PaymentStore`: payments, counters of attempts, remembered requests. */
export function paymentStoreCases(open: OpenContract<PaymentStore>): readonly ContractCase[] {
  return [
    ...approvalCases(open),
    ...sendingCases(open),
    ...settlingCases(open),
    ...cancelCases(open),
    ...rateLimitCases(open),
    ...idempotencyCases(open),
  ];
}
