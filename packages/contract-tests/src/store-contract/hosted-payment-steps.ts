import assert from "node:assert/strict";
import type {
  CallOutcome,
  LinkStore,
  NotificationReceipt,
  NotificationStore,
  OrderPayment,
  PageLink,
  PaymentStore,
  ReceivedNotification,
  ReservedApproval,
  ReservedCancel,
} from "@payapi/core";
import type { ContractCase, OpenStores } from "./contract-case.js";
import { newOrder, newTid, price } from "./payment-steps.js";
import { type SampleNotifications, sampleAccount, sampleNotifications } from "./sample-notifications.js";

/** A store of hosted payments that receives notifications. */
export type HostedPaymentStore = PaymentStore & LinkStore & NotificationStore;

/** Opens the stores of a contract, and says whose they are: notifications name the merchant. */
export type OpenPageContract = () => Promise<OpenStores<HostedPaymentStore> & { readonly mid: string }>;

type PayType = "card" | "vbank";

/** Steps of the cases about the payment page. */
export class PageSteps {
  readonly store: HostedPaymentStore;
  readonly another: HostedPaymentStore;
  readonly mid: string;
  /** Notifications that the gateway may send. */
  readonly samples: SampleNotifications;

  constructor({ store, another, mid }: Awaited<ReturnType<OpenPageContract>>) {
    this.store = store;
    this.another = another;
    this.mid = mid;
    this.samples = sampleNotifications(mid);
  }

  openLink(orderId: string, payType: PayType = "card", wanted = price) {
    return this.store.openLink({ orderId, price: wanted, payType });
  }

  async making(orderId = newOrder(), payType: PayType = "card", wanted = price): Promise<PageLink> {
    const reservation = await this.openLink(orderId, payType, wanted);
    assert(reservation.status === "reserved", "A link for an order that is free was not reserved");
    return reservation.link;
  }

  /** A link by which the buyer may pay. */
  async link(orderId = newOrder(), payType: PayType = "card", wanted = price): Promise<PageLink> {
    const { token } = await this.making(orderId, payType, wanted);
    await this.store.settleLink(token, `https://pay.example/${token}`);
    const link = await this.store.findLink(token);
    assert(link !== undefined, "A link is not found by its token");
    return link;
  }

  pageApproval({ orderId, oid, price: wanted, payType }: PageLink, tid: string) {
    return this.store.reserveApproval({ orderId, price: wanted, payType, page: { oid, tid } });
  }

  /** An approval of a payment that the page authenticated. */
  async authenticated(link?: PageLink, tid = newTid()) {
    const made = link ?? (await this.link());
    const reservation = await this.pageApproval(made, tid);
    assert(reservation.status === "reserved", "The approval of an order that is free was refused");
    const call: ReservedApproval = reservation.call;
    return { link: made, orderId: made.orderId, oid: made.oid, tid, call };
  }

  /** One that was sent. */
  async sent(link?: PageLink, tid = newTid()) {
    const authenticated = await this.authenticated(link, tid);
    await this.store.markSending(authenticated.call);
    return authenticated;
  }

  /** One that was sent and ended so; with the transaction of its authentication, if it succeeded. */
  async ended(outcome: CallOutcome["outcome"], link?: PageLink) {
    const sent = await this.sent(link);
    const reply = outcome === "succeeded" ? { tid: sent.tid, price } : {};
    return { ...sent, order: await this.store.settle(sent.call, { outcome, ...reply }) };
  }

  netCancel(orderId: string) {
    return this.store.reserveCancel({ orderId, netCancel: true });
  }

  async netCancelling(orderId: string): Promise<ReservedCancel> {
    const reservation = await this.netCancel(orderId);
    assert(reservation.status === "reserved", "The net cancel of an unknown approval was refused");
    await this.store.markSending(reservation.call);
    return reservation.call;
  }

  /** An approval of unknown outcome and its net cancel, which ended with this outcome. */
  async netCancelled(outcome: CallOutcome["outcome"]) {
    const unknown = await this.ended("unknown");
    const cancel = await this.netCancelling(unknown.orderId);
    return { ...unknown, cancel, order: await this.store.settle(cancel, { outcome }) };
  }

  /** A link by which an account was issued. */
  async awaiting(orderId = newOrder(), tid = newTid()) {
    const link = await this.link(orderId, "vbank");
    const order = await this.awaitDeposit(link, tid);
    return { link, orderId, oid: link.oid, tid, order };
  }

  awaitDeposit({ orderId, oid, price: wanted }: PageLink, tid: string, account = sampleAccount) {
    return this.store.awaitDeposit({ orderId, oid, price: wanted, tid, account });
  }

  async effectOf(received: ReceivedNotification): Promise<NotificationReceipt["effect"]> {
    return (await this.store.receiveNotification(received)).effect;
  }

  /** The order as a whole: what must not change when nothing may. */
  order(orderId: string): Promise<OrderPayment | undefined> {
    return this.store.findOrder(orderId);
  }

  async statusOf(orderId: string): Promise<OrderPayment["status"] | undefined> {
    return (await this.order(orderId))?.status;
  }

  /** The approval of an order by other means than the page, while that is possible. */
  async paidOtherwise(orderId: string) {
    const reservation = await this.store.reserveApproval({ orderId, price, payType: "card" });
    assert(reservation.status === "reserved", "The approval of an order that is free was refused");
    await this.store.markSending(reservation.call);
    const tid = newTid();
    return { tid, order: await this.store.settle(reservation.call, { outcome: "succeeded", tid, price }) };
  }
}

/** The cases of one subject about the page; each gets steps of its own. */
export function definePageCases(
  subject: string,
  open: OpenPageContract,
  bodies: Readonly<Record<string, (steps: PageSteps) => Promise<void>>>,
): readonly ContractCase[] {
  return Object.entries(bodies).map(([name, body]) => ({
    name: `${subject}: ${name}`,
    run: async () => body(new PageSteps(await open())),
  }));
}
