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

/** Paying through the gateway's page (contract section 7): make a link, read the return, ask for the approval. */
export interface PaymentPage {
  /**
   * Makes a link as `smsPay.createLink` does, with the page options its payment method needs, and asks for UTF-8.
   *
   * The page's return names no order: give each link an unguessable `token`, or carry one in `nextUrl`'s path, and find the
   * order by it.
   *
   * @throws PayApiError
   */
  createLink(
    input: PageLinkInput,
    options?: CallOptions,
  ): Promise<ResultOf<typeof operations.smsPay.createLink>>;

  /**
   * Reads what the buyer's browser brought to `nextUrl`, by POST or GET. It proves nothing, and so does a visit to
   * `returnUrl`.
   *
   * @throws PayApiError `invalid-input`
   */
  readReturn(source: PageReturnSource, options?: ReadReturnOptions): Promise<PageReturn>;

  /**
   * Checks all of a return that can be known before anything is sent: its status, its P_TID, an amount it states, and that
   * P_REQ_URL is the gateway's. `approve` checks the same.
   *
   * @throws PayApiError `invalid-input`
   */
  checkReturn(pageReturn: PageReturn, order: PageOrder): PageAuthenticated;

  /**
   * Asks the gateway to approve an authenticated payment, once. Nothing is stored or undone by it: use
   * `payments.approveHosted`, which claims the P_TID first and net-cancels an approval whose outcome is unknown.
   *
   * An approval that answers for another order or amount is `moved`.
   *
   * @throws PayApiError
   */
  approve(pageReturn: PageReturn, order: PageOrder, options?: CallOptions): Promise<PageApproval>;

  /**
   * Answers a visit to `returnUrl` with a small page in Korean or English that leads back to the order. What the browser
   * brings there is not read, since it proves nothing.
   *
   * @param backTo a path of the shop's own, such as `/orders/42`
   * @throws PayApiError `invalid-input` if `backTo` is no such path
   */
  serveReturn(request: Request, backTo: string): Response;
}

/** The flow over one client. */
export function createPaymentPage(client: PageClient): PaymentPage {
  return Object.freeze<PaymentPage>({
    createLink: (input, options = {}) => createLink(input, options, client.createLink),
    readReturn,
    serveReturn,
    checkReturn: (pageReturn, order) => checkBefore(pageReturn, order, client.config).authenticated,
    approve: async (pageReturn, order, options = {}) => askApproval(client, pageReturn, order, options),
  });
}
