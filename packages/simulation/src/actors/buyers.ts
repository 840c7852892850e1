import type { Order } from "@payapi/core/handler";
import { LedgerUnavailableError } from "@payapi/ledger";
import type { BuyerReturn, InProcessSandbox } from "@payapi/sandbox/in-process";
import type { World } from "../world/world.js";
import type { Escrow, EscrowAct } from "./escrow.js";
import { type Answered, type Asked, NoAnswer, shopOrigin } from "./member.js";
import type { Shop } from "./shop.js";

const goodCards = ["4111111111111111", "4242424242424242", "5555555555554444"];
const badCards = ["4000000000000002", "4000000000009995", "4000000000000119"];

/** A buyer's return from the payment page, stored to be repeated. */
interface Brought {
  readonly orderId: string;
  readonly back: BuyerReturn;
}

/** Checks that run as soon as an answer was given. */
export interface AnswerChecks {
  paid(orderId: string): void;
  done(orderId: string, act: EscrowAct): void;
}

/** The senders of requests: buyers, and the staff that cancels payments. */
export class Buyers {
  /** The number of requests. */
  operations = 0;
  readonly #brought: Brought[] = [];
  readonly #keys: string[] = [];
  #requests = 0;

  constructor(
    readonly world: World,
    readonly shop: Shop,
    readonly sandbox: InProcessSandbox,
    readonly escrow: Escrow,
    readonly checks: AnswerChecks,
  ) {}

  /** Makes one more request. */
  act(order: Order): void {
    const { random } = this.world;
    const escrow = order.escrow ? 1 : 0;
    const kind = random.weighted({
      card: 30 - 20 * escrow,
      charge: 12,
      page: 18 + 16 * escrow,
      account: 10,
      deposit: 8,
      reversal: 1.5,
      cancel: 8,
      "partial-cancel": 16,
      "again-from-page": 5,
      "key-issue": 5,
      "key-change": 4,
      "key-delete": 4,
      "phone-key": 1,
      escrow: 40 * escrow,
    });
    this.operations += 1;
    this.world.note(`-- ${kind} ${order.id}`);
    const done = this.#do(kind, order);
    done.catch((error: unknown) => {
      if (!(error instanceof NoAnswer)) this.world.fail(error);
    });
  }

  async #do(kind: string, order: Order): Promise<void> {
    const { random } = this.world;
    const path = `/pay/orders/${order.id}`;
    switch (kind) {
      case "card": {
        const cardNumber = random.pick(random.chance(0.8) ? goodCards : badCards);
        const card = { cardNumber, cardExpireYY: "30", cardExpireMM: "12" };
        return this.#pay(order, {
          method: "POST",
          path: `${path}/card-approval`,
          body: JSON.stringify(card),
        });
      }
      case "charge": {
        const billingKeyId = this.#keys.at(random.between(0, this.#keys.length - 1));
        if (billingKeyId === undefined) return this.#issueKey();
        return this.#charge(order, billingKeyId);
      }
      case "page":
        return this.#goToPage(order, random.pick(["card", "card", "bank", "bank", "hpp"]));
      case "account":
        return this.#goToPage(order, "vbank");
      case "deposit":
      case "reversal":
        return this.#useAccount(kind);
      case "cancel":
        await this.#insist({ method: "POST", path: `${path}/cancel`, body: "{}" });
        return;
      case "partial-cancel":
        return this.#giveBackPart(path);
      case "again-from-page":
        return this.#bringAgain();
      case "escrow":
        return this.#actInEscrow(order);
      case "key-change":
        return this.#changeKey(order);
      case "key-delete":
        return this.#deleteKey();
      case "phone-key":
        return this.#importPhoneKey(order);
      default:
        return this.#issueKey();
    }
  }

  async #pay(order: Order, asked: Asked): Promise<void> {
    const status = await this.#insist(asked);
    if (status === 200) this.checks.paid(order.id);
  }

  /** Sends a request, clicks twice, and repeats it if no answer arrives; mostly with one Idempotency-Key, as a careful client does. */
  async #insist(asked: Asked): Promise<number | undefined> {
    const { random, faulty } = this.world;
    this.#requests += 1;
    const keyed = random.chance(0.6) ? { ...asked, idempotencyKey: `k${this.#requests}` } : asked;
    const clicks = faulty && random.chance(0.3) ? random.between(2, 3) : 1;
    const answers = Array.from({ length: clicks }, async () => {
      await this.world.wait(random.between(0, 400));
      return this.#askAgain(keyed);
    });
    const statuses = await Promise.all(answers);
    return statuses.find((status) => status === 200) ?? statuses[0];
  }

  async #askAgain(asked: Asked): Promise<number | undefined> {
    const { random } = this.world;
    for (let tries = 0; tries < 3; tries++) {
      try {
        const { status, body } = await this.shop.ask(asked);
        if (status !== 503 && !body.includes("in-progress")) return status;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
      }
      await this.world.wait(random.between(500, 20_000));
    }
    return undefined;
  }

  /** A card that a key can be issued for. */
  #card(): string {
    const { random } = this.world;
    const cardNumber = random.pick(goodCards);
    return JSON.stringify({ cardNumber, cardExpireYY: "30", cardExpireMM: "12", buyerName: "홍길동" });
  }

  async #issueKey(): Promise<void> {
    const answer = await this.shop.ask({ method: "POST", path: "/pay/billing-keys", body: this.#card() });
    if (answer.status !== 201) return;
    const { id } = JSON.parse(answer.body) as { id: string };
    this.#keys.push(id);
  }

  #charge(order: Order, billingKeyId: string): Promise<void> {
    const path = `/pay/orders/${order.id}/charge`;
    return this.#pay(order, { method: "POST", path, body: JSON.stringify({ billingKeyId }) });
  }

  /** The buyer changes the card, and often pays with the new one at once. */
  async #changeKey(order: Order): Promise<void> {
    if (this.#keys.length === 0) return this.#issueKey();
    const key = this.world.random.pick(this.#keys);
    const path = `/pay/billing-keys/${key}`;
    const status = await this.#insist({ method: "PUT", path, body: this.#card() });
    if (status === 200 && this.world.random.chance(0.6)) await this.#charge(order, key);
  }

  async #deleteKey(): Promise<void> {
    if (this.#keys.length === 0) return;
    const path = `/pay/billing-keys/${this.world.random.pick(this.#keys)}`;
    await this.#insist({ method: "DELETE", path, body: "{}" });
  }

  /** The payment window issued a key for a phone, and the shop's own program stores it, with retries. */
  async #importPhoneKey({ price }: Order): Promise<void> {
    const { billkey } = this.sandbox.outside.issueMobileKey({ price });
    for (let tries = 0; tries < 10; tries++) {
      await this.world.wait(this.world.random.between(500, 20_000));
      const [member] = this.shop.members;
      if (member === undefined) continue;
      try {
        const key = await member.ledger.keys.import({ customerId: "buyer", kind: "mobile", billkey });
        this.#keys.push(key.id);
        return;
      } catch (error) {
        if (!(error instanceof LedgerUnavailableError)) throw error;
      }
    }
  }

  async #goToPage(order: Order, payType: string): Promise<void> {
    const { random } = this.world;
    const path = `/pay/orders/${order.id}/payment-link`;
    const answer = await this.shop.ask({ method: "POST", path, body: JSON.stringify({ payType }) });
    if (answer.status !== 200) return;
    const { url } = JSON.parse(answer.body) as { url: string };
    await this.world.wait(random.between(1_000, 120_000));
    const action = random.weighted({ approve: 85, "decline-later": 8, abandon: 7 });
    const back = this.sandbox.choose(url, { action, method: payType });
    if (back === undefined) return;
    this.#brought.push({ orderId: order.id, back });
    if (random.chance(0.1)) return;
    const times = random.chance(0.2) ? 2 : 1;
    await Promise.all(Array.from({ length: times }, () => this.#bring(back)));
  }

  async #bring({ url, method, body }: BuyerReturn): Promise<Answered> {
    await this.world.wait(this.world.random.between(0, 1_500));
    const path = url.slice(shopOrigin.length);
    const contentType = "application/x-www-form-urlencoded";
    return this.shop.ask({ method, path, ...(method === "POST" ? { body, contentType } : {}) });
  }

  /** Reloads the return page, or returns to one order with the values of another payment. */
  async #bringAgain(): Promise<void> {
    const { random } = this.world;
    if (this.#brought.length === 0) return;
    const { back } = random.pick(this.#brought);
    const other = random.pick(this.#brought).back;
    if (random.chance(0.4) || back.method !== other.method) {
      await this.#bring(back);
      return;
    }
    const [place = ""] = other.url.split("?");
    const query = back.url.split("?")[1];
    const withoutToken = (form: string) => form.replace(/(^|&)P_NOTI=[^&]*/, "");
    await this.#bring({
      ...back,
      url: query === undefined ? place : `${place}?${withoutToken(query)}`,
      body: withoutToken(back.body),
    });
  }

  /** Mostly the next step, and then the one after it. */
  async #actInEscrow(order: Order): Promise<void> {
    const { random } = this.world;
    if (random.chance(0.03)) return this.escrow.confirmOne();
    const act = this.escrow.nextOf(order);
    if (act === undefined) return this.#goToPage(order, random.pick(["card", "bank"]));
    const status = await this.#insist(this.escrow.ask(order, act));
    if (status !== 200) return;
    this.checks.done(order.id, act);
    if (random.chance(0.2)) return;
    await this.world.wait(random.between(5_000, 300_000));
    if (this.world.faulty) await this.#actInEscrow(order);
  }

  async #useAccount(kind: "deposit" | "reversal"): Promise<void> {
    const { random } = this.world;
    const wanted = kind === "deposit" ? "issued" : "deposited";
    const accounts = this.sandbox.book.accounts.filter(({ state }) => state === wanted);
    if (accounts.length === 0) return;
    const { tid, oid } = random.pick(accounts);
    this.world.note(`bank ${kind} ${oid}`);
    if (kind === "deposit") this.sandbox.outside.deposit(tid);
    else if (this.sandbox.book.find(tid)?.remaining) this.sandbox.outside.reverseDeposit(tid);
  }

  async #giveBackPart(path: string): Promise<void> {
    const { random } = this.world;
    const shown = await this.shop.ask({ method: "GET", path });
    if (shown.status !== 200) return;
    const { remainingPrice } = JSON.parse(shown.body) as { remainingPrice: number };
    if (remainingPrice < 2) return;
    const cancelPrice = random.chance(0.15) ? remainingPrice : random.between(1, remainingPrice - 1);
    const body = JSON.stringify({ cancelPrice, confirmPrice: remainingPrice - cancelPrice });
    await this.#insist({ method: "POST", path: `${path}/partial-cancel`, body });
  }
}
