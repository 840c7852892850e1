import type { Book } from "../book/book.js";
import type { PaymentLink } from "../book/payment-links.js";
import type { SandboxMerchant } from "../gateway/merchants.js";
import type { Charset } from "../http/charset.js";
import { isLoopbackUrl } from "../http/loopback.js";
import type { Clock } from "../time/clock.js";
import { accountFields, approvalFields, depositFields, escrowFields, type Fields } from "./bodies.js";
import type { DeliveryMode, DeliveryRule, NotificationKind } from "./delivery-rules.js";
import type { Notifier } from "./notifier.js";
import type { NotificationEntry, Outbox } from "./outbox.js";

/** A merchant's notification URLs; those left out do not change. */
export interface NotificationAddresses {
  /** The merchant (default: the sandbox's first). */
  readonly mid?: string;
  readonly depositUrl?: string;
  readonly escrowUrl?: string;
  readonly charset?: Charset;
}

type Addresses = Pick<SandboxMerchant, "depositUrl" | "escrowUrl" | "notificationCharset">;

/** Creates notifications from events, and lets tests read and disturb their delivery. */
export class Notifications implements Notifier {
  readonly #outbox: Outbox;
  readonly #book: Book;
  readonly #clock: Pick<Clock, "now">;
  readonly #addresses: Map<string, Addresses>;

  constructor(options: {
    readonly outbox: Outbox;
    readonly book: Book;
    readonly clock: Pick<Clock, "now">;
    readonly merchants: ReadonlyMap<string, SandboxMerchant>;
  }) {
    this.#outbox = options.outbox;
    this.#book = options.book;
    this.#clock = options.clock;
    this.#addresses = new Map(options.merchants);
  }

  /** The latest notifications, live, in the order of the events. */
  get list(): readonly NotificationEntry[] {
    return this.#outbox.list;
  }

  /** The active delivery rules. */
  get rules(): readonly DeliveryRule[] {
    return this.#outbox.rules.list;
  }

  /** Disturbs the next notification, or the next one that the rule matches. */
  next(rule: DeliveryMode | DeliveryRule): void {
    this.#outbox.rules.add(typeof rule === "string" ? { mode: rule } : rule);
  }

  /** Removes the delivery rules and sends held-back notifications. */
  clear(): void {
    this.#outbox.clear();
  }

  /** Sends a notification again, in any state. */
  resend(id: number): Promise<NotificationEntry> {
    return this.#outbox.resend(id);
  }

  /** Resolves when no delivery is running; does not wait for repeats that are not due. */
  idle(): Promise<void> {
    return this.#outbox.idle();
  }

  /**
   * Sets a merchant's notification URLs.
   * @throws TypeError if a URL is not on this machine, or if the merchant is unknown
   */
  register({
    mid = [...this.#addresses.keys()][0] ?? "",
    depositUrl,
    escrowUrl,
    charset,
  }: NotificationAddresses): void {
    const known = this.#addresses.get(mid);
    if (!known) throw new TypeError("mid: no such merchant");
    for (const [name, url] of Object.entries({ depositUrl, escrowUrl })) {
      if (url !== undefined && !isLoopbackUrl(url)) {
        throw new TypeError(
          `${name}: notifications are sent to this machine alone (127.0.0.1, localhost, ::1), over http or https`,
        );
      }
    }
    if (charset !== undefined && charset !== "euc-kr" && charset !== "utf-8") {
      throw new TypeError("charset: euc-kr or utf-8 is needed");
    }
    this.#addresses.set(mid, {
      ...known,
      ...(depositUrl !== undefined && { depositUrl }),
      ...(escrowUrl !== undefined && { escrowUrl }),
      ...(charset !== undefined && { notificationCharset: charset }),
    });
  }

  readonly escrow: Notifier["escrow"] = (transaction, event, details = {}) => {
    const { mid, oid, tid } = transaction;
    const fields = escrowFields(transaction, event, details, this.#clock.now());
    this.#toMerchant("escrow", mid, { oid, tid, status: event, fields });
  };

  readonly approval: Notifier["approval"] = (authentication, result) => {
    const { link, tid, method } = authentication;
    // The option by which a merchant says that it learns of card payments from P_REQ_URL alone.
    if (method === "card" && link.reserved.twotrs_isp_noti === "N") return;
    this.#toLink(link, {
      tid,
      status: result.P_STATUS ?? "",
      fields: approvalFields(authentication, result),
    });
  };

  readonly accountIssued: Notifier["accountIssued"] = (account) => {
    const { tid, price } = account;
    const link = this.#book.vaults.find(tid)?.link;
    if (!link) return;
    const event = { status: "00", at: new Date(account.issuedAt), price, noti: notiOf(link) } as const;
    this.#toLink(link, { tid, status: "00", fields: accountFields(account, event) });
  };

  readonly deposit: Notifier["deposit"] = (account, event, facts) => {
    const { tid, oid, mid } = account;
    const link = this.#book.vaults.find(tid)?.link;
    const at = this.#clock.now();
    if (link?.notiUrl !== undefined && event === "deposit") {
      const fields = accountFields(account, { status: "02", at, price: facts.price, noti: notiOf(link) });
      this.#toLink(link, { tid, status: "02", fields });
      return;
    }
    const fields = depositFields(account, event, facts, at);
    this.#toMerchant("deposit", mid, { oid, tid, status: fields.type_msg ?? "", fields });
  };

  #toLink(link: PaymentLink, notification: { tid: string; status: string; fields: Fields }): void {
    const { notiUrl, oid, charset } = link;
    if (notiUrl !== undefined)
      this.#outbox.put({ kind: "mobile", oid, url: notiUrl, charset, ...notification });
  }

  #toMerchant(
    kind: Exclude<NotificationKind, "mobile">,
    mid: string,
    notification: { oid: string; tid: string; status: string; fields: Fields },
  ): void {
    const addresses = this.#addresses.get(mid);
    const url = kind === "escrow" ? addresses?.escrowUrl : addresses?.depositUrl;
    const charset = addresses?.notificationCharset ?? "euc-kr";
    if (url !== undefined) this.#outbox.put({ kind, url, charset, ...notification });
  }
}

/** What the merchant gave to be echoed. */
export function notiOf(link: PaymentLink): string {
  return link.reserved.P_NOTI ?? "";
}
