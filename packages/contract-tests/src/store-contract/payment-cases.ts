import type { PaymentStore } from "@payapi/core";
import { approvalCases } from "./approval-cases.js";
import { cancelCases } from "./cancel-cases.js";
import type { ContractCase, OpenContract } from "./contract-case.js";
import { counterCases } from "./counter-cases.js";
import { requestCases } from "./request-cases.js";
import { sendingCases } from "./sending-cases.js";
import { settlingCases } from "./settling-cases.js";

/** What core's handler relies on in every `PaymentStore`: payments, counters of attempts, remembered requests. */
export function paymentStoreCases(open: OpenContract<PaymentStore>): readonly ContractCase[] {
  return [
    ...approvalCases(open),
    ...sendingCases(open),
    ...settlingCases(open),
    ...cancelCases(open),
    ...counterCases(open),
    ...requestCases(open),
  ];
}
