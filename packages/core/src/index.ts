export { createPayApi, type PayApi } from "./client.js";
export type { Environment, PayApiConfig } from "./config.js";
export { configFromEnv } from "./config-from-env.js";
export {
  type ErrorCode,
  errorCodes,
  isPayApiError,
  type Outcome,
  PayApiError,
  type PayApiErrorDetails,
  type Problem,
} from "./errors.js";
export type { FingerprintSecrets } from "./fingerprints.js";
export { formatKoreanTime, parseKoreanTime } from "./korean-time.js";
export type { CallOptions, Method } from "./method.js";
export type { InputOf, Operation, ResultOf } from "./operations/index.js";
export type { PageOrder } from "./payment-page/ask-approval.js";
export type { PageLinkInput } from "./payment-page/create-link.js";
export type { PageEnd } from "./payment-page/page-end.js";
export type { PageApproval } from "./payment-page/page-reply.js";
export type { PaymentPage } from "./payment-page/payment-page.js";
export type {
  PageAccountIssued,
  PageAuthenticated,
  PageFailed,
  PageReturn,
  PageReturnSource,
  ReadReturnOptions,
  RequestLike,
} from "./payment-page/read-return.js";
export type {
  CardPaymentRequest,
  ChargeRefusal,
  ChargeRequest,
  PayableOrder,
} from "./payments/authorize.js";
export type { ChangeKeyRequest, IssueKeyRequest, KeyCard } from "./payments/billing-keys.js";
export type { ConfirmRejectionRequest } from "./payments/cancel.js";
export { createPayments, type Payments, type PaymentsOptions } from "./payments/create-payments.js";
export type { HostedApprovalRequest, HostedApprovalResult } from "./payments/hosted-payment.js";
export type {
  CallResult,
  KeyCallId,
  KeyDeletionResult,
  KeyFacts,
  KeyResult,
  NotReserved,
  PaymentResult,
} from "./payments/results.js";
export { isSecret, maskCardNumbers, Secret } from "./secret.js";
export type * from "./store/index.js";
export { createHttpsTransport, type HttpsTransportOptions } from "./transport/https-transport.js";
export {
  isTransportError,
  type Transport,
  TransportError,
  type TransportFailure,
  type TransportReply,
  type TransportRequest,
} from "./transport/transport.js";
