import type { Order } from "@payapi/core/handler";
import type { EscrowPurchase } from "@payapi/sandbox";
import type { InProcessSandbox } from "@payapi/sandbox/in-process";
import { orderOf } from "../rules/legal-steps.js";
import { Violation, type World } from "../world/world.js";
import type { Asked } from "./member.js";

/** An action on an escrow purchase. */
export type EscrowAct = "delivery" | "confirmation" | "rejection" | "rejection-confirmation";

/** The state of a purchase after each action. */
const shows: Readonly<Record<EscrowAct, (purchase: EscrowPurchase) => boolean>> = {
  delivery: ({ deliveries }) => deliveries.length > 0,
  confirmation: ({ state }) => state === "confirmed",
  rejection: ({ state }) => state === "rejected" || state === "refunded",
  "rejection-confirmation": ({ state }) => state === "refunded",
};

/** Escrow purchases: deliveries, the buyer's decision, and the seller's answer. */
export class Escrow {
  #parcels = 0;

  constructor(
    readonly world: World,
    readonly sandbox: InProcessSandbox,
  ) {}

  /** The next action for the gateway's state, sometimes a random one; `undefined` to pay first. */
  nextOf({ id }: Order): EscrowAct | undefined {
    const { random } = this.world;
    const purchase = this.#purchasesOf(id).findLast(({ tid }) => this.sandbox.book.find(tid)?.remaining);
    if (random.chance(0.1))
      return random.pick(["delivery", "confirmation", "rejection", "rejection-confirmation"]);
    switch (purchase?.state) {
      case "paid":
        return "delivery";
      case "delivery-registered":
        return random.weighted({ delivery: 1, confirmation: 2, rejection: 7 });
      case "rejected":
        return "rejection-confirmation";
      default:
        return undefined;
    }
  }

  /** The request to the shop. */
  ask(order: Order, act: EscrowAct): Asked {
    const bodies = {
      delivery: () => this.#parcel(),
      confirmation: () => ({}),
      rejection: () => ({ denyMsg: "파손" }),
      "rejection-confirmation": () => ({ dcnfName: "가게" }),
    };
    return {
      method: "POST",
      path: `/pay/orders/${order.id}/escrow/${act}`,
      body: JSON.stringify(bodies[act]()),
    };
  }

  /** The gateway confirms purchases that buyers do not confirm. */
  confirmOne(): void {
    const { random } = this.world;
    const { book, outside } = this.sandbox;
    const waiting = book.escrow.filter(
      ({ state, tid }) => state === "delivery-registered" && book.find(tid)?.remaining,
    );
    if (waiting.length === 0) return;
    outside.confirmPurchase(random.pick(waiting).tid, random.pick(["automatic", "forced"]));
  }

  /** If an answer said that it is done, it is done at the gateway. */
  checkDone(orderId: string, act: EscrowAct): void {
    const isDone = this.#purchasesOf(orderId).some(shows[act]);
    if (!isDone) throw new Violation("I12", `an answer reported the ${act} of ${orderId}, which is not done`);
  }

  #purchasesOf(orderId: string): readonly EscrowPurchase[] {
    const { book } = this.sandbox;
    return book.escrow.filter(({ tid }) => orderOf(book.find(tid)?.oid ?? "") === orderId);
  }

  #parcel() {
    const { random } = this.world;
    const isChange = this.#parcels > 0 && random.chance(0.2);
    if (!isChange) this.#parcels += 1;
    const person = { Name: "홍길동", Post: "06236", Tel: "0212345678" };
    return {
      soid: String(random.between(1, 3)),
      report: isChange ? "change" : "register",
      invoice: `${this.#parcels}`,
      registName: "가게",
      exCode: "korex",
      exName: "대한통운",
      charge: "seller",
      invoiceDay: "2026-01-15",
      sendName: person.Name,
      sendPost: person.Post,
      sendAddr1: "서울",
      sendAddr2: "강남",
      sendTel: person.Tel,
      recvName: person.Name,
      recvPost: person.Post,
      recvAddr: "서울",
      recvTel: person.Tel,
    };
  }
}
