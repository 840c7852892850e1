import type { CallOptions } from "../method.js";
import type { operations, ResultOf } from "../operations/index.js";
import { askApproval, checkBefore, type PageClient, type PageOrder } from "./ask-approval.js";
import { createLink, type PageLinkInput } from "./create-link.js";
import type { PageApproval } from "./page-reply.js";
import type { PageReturnSource } from "./read-return.js";
import {
  type PageAuthenticated,
  type PageReturn,
  type ReadReturnOptions,
  readReturn,
} from "./read-return.js";
import { serveReturn } from "./return-page.js";

/** Payments on the gateway's hosted payment page (contract section 7): create a link, read the return, request the approval. */
export interface PaymentPage {
  /**
   * Creates a link like `smsPay.createLink`, with the page options that the payment method needs, and requests UTF-8.
   *
   * The return does not name the order: give each link an unguessable `token`, or put one into `nextUrl`'s path, and find the order by
   * it.
   *
   * @throws PayApiError
   */
  createLink(
    input: PageLinkInput,
    options?: CallOptions,
  ): Promise<ResultOf<typeof operations.smsPay.createLink>>;

  /**
   * Reads the buyer's return to `nextUrl`, by POST or GET. It proves nothing; neither does a visit to `returnUrl`.
   *
   * @throws PayApiError `invalid-input`
   */
  readReturn(source: PageReturnSource, options?: ReadReturnOptions): Promise<PageReturn>;

  /**
   * Validates a return before anything is sent: its status, its P_TID, its amount if present, and that P_REQ_URL is the gateway's.
   * `approve` validates the same.
   *
   * @throws PayApiError `invalid-input`
   */
  checkReturn(pageReturn: PageReturn, order: PageOrder): PageAuthenticated;

  /**
   * Requests the approval of an authenticated payment, once. It stores and undoes nothing: prefer `payments.approveHosted`, which claims
   * the P_TID first and net-cancels an approval whose outcome is unknown.
   *
   * An approval of another order or amount is `moved`.
   *
   * @throws PayApiError
   */
  approve(pageReturn: PageReturn, order: PageOrder, options?: CallOptions): Promise<PageApproval>;

  /**
   * Answers a visit to `returnUrl` with a small page in Korean or English that links back to the order. It ignores the browser's values,
   * since they prove nothing.
   *
   * @param backTo a path on the shop's own site, such as `/orders/42`
   * @throws PayApiError `invalid-input` if `backTo` is not such a path
   */
  serveReturn(request: Request, backTo: string): Response;
}

/** Creates the payment page of a client. */
export function createPaymentPage(client: PageClient): PaymentPage {
  return Object.freeze<PaymentPage>({
    createLink: (input, options = {}) => createLink(input, options, client.createLink),
    readReturn,
    serveReturn,
    checkReturn: (pageReturn, order) => checkBefore(pageReturn, order, client.config).authenticated,
    approve: async (pageReturn, order, options = {}) => askApproval(client, pageReturn, order, options),
  });
}
