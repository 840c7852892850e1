export { type CallOptions, createPayApi, type Method, type PayApi } from "./client.js";
export type { Environment, PayApiConfig } from "./config.js";
export {
  type ErrorCode,
  errorCodes,
  isPayApiError,
  type Outcome,
  PayApiError,
  type PayApiErrorDetails,
  type Problem,
} from "./errors.js";
export { formatKoreanTime, parseKoreanTime } from "./korean-time.js";
export type { InputOf, Operation, ResultOf } from "./operations/index.js";
export { isOptions, type KnownOptions, type OptionNames, optionProblems } from "./option-names.js";
export type { PageApproveOptions, PageOrder } from "./payment-page/approve.js";
export type { PageLinkInput } from "./payment-page/create-link.js";
export type { PageApproval } from "./payment-page/page-reply.js";
export type { PageReturnSource, RequestLike } from "./payment-page/page-source.js";
export type { PaymentPage } from "./payment-page/payment-page.js";
export type {
  PageAccountIssued,
  PageAuthenticated,
  PageFailed,
  PageReturn,
  ReadReturnOptions,
} from "./payment-page/read-return.js";
export type * from "./record/index.js";
export type { CallRecord, RecordedCall } from "./record/recorded-call.js";
export { makeRecordedCancel } from "./record/recorded-cancel.js";
export { type ChargeOrder, makeRecordedCharge, payTypeOfKey } from "./record/recorded-charge.js";
export { makeRecordedKeyDeletion } from "./record/recorded-key.js";
export { isSecret, maskCardNumbers, Secret } from "./secret.js";
export { createHttpsTransport, type HttpsTransportOptions } from "./transport/https-transport.js";
export {
  isTransportError,
  type Transport,
  TransportError,
  type TransportFailure,
  type TransportReply,
  type TransportRequest,
} from "./transport/transport.js";
