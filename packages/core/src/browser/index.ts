export type { Answers, Bodies, FieldError } from "../handler/messages.js";
export type { OrderView } from "../handler/order-view.js";
export type { PageEnd } from "../payment-page/page-end.js";
export { createPayApiBrowser, type PayApiBrowser } from "./client.js";
export { pageEndTexts } from "./page-end-texts.js";
export {
  isPayApiProblem,
  PayApiProblem,
  type PayApiProblemCode,
  type PayApiProblemDetails,
} from "./problem.js";
export type { ChangeOptions, PayApiBrowserOptions, ReadOptions, ReadOrderOptions } from "./send.js";
