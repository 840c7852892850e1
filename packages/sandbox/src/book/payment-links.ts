import type { Ids } from "./ids.js";

const LIFETIME_MS = 72 * 60 * 60 * 1000;

/** A link to the payment page. */
export interface PaymentLink {
  /** The link's last part. */
  readonly token: string;
  readonly url: string;
  readonly mid: string;
  readonly oid: string;
  readonly price: number;
  readonly goodsName: string;
  /** What the merchant asked for, such as `card`; the page offers everything if it does not know it. */
  readonly payType: string;
  readonly charset: "euc-kr" | "utf-8";
  readonly nextUrl: string;
  readonly returnUrl: string;
  readonly notiUrl?: string;
  readonly hppMethod?: string;
  /** The months of installment that a buyer may choose from, as sent. */
  readonly quotaBase?: string;
  /** P_RESERVED, taken apart. */
  readonly reserved: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** `used`: a buyer authenticated, or took a virtual account. A declined or abandoned try leaves it open. */
  readonly state: "open" | "used";
}

/** What a buyer agreed to on the payment page; the merchant's server still has to ask for the approval. */
export interface Authentication {
  readonly tid: string;
  /** The last part of this payment's own P_REQ_URL. */
  readonly token: string;
  readonly link: PaymentLink;
  readonly method: string;
  /** What the approval will answer, fixed when the buyer chose. */
  readonly details: Readonly<Record<string, string>>;
  readonly buyerName: string;
  /** The buyer chose the outcome "declined at the approval". */
  readonly declines: boolean;
  /** ISO 8601. */
  readonly authenticatedAt: string;
  /** `cancelled`: a net cancel came before the approval. */
  readonly state: "authenticated" | "approved" | "declined" | "cancelled";
}

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** The payment links, and what buyers did with them. */
export class PaymentLinks {
  readonly #ids: Ids;
  readonly #now: () => Date;
  readonly #byToken = new Map<string, Open<PaymentLink>>();
  readonly #byTid = new Map<string, Open<Authentication>>();
  readonly #byRequestToken = new Map<string, Open<Authentication>>();

  constructor(ids: Ids, now: () => Date) {
    this.#ids = ids;
    this.#now = now;
  }

  /** Live, in the order of creation. */
  get list(): readonly PaymentLink[] {
    return [...this.#byToken.values()];
  }

  /** Live, in the order of authentication. */
  get authentications(): readonly Authentication[] {
    return [...this.#byTid.values()];
  }

  /** Makes a link of at most 50 characters on the given origin, valid for 72 hours. */
  create(
    origin: string,
    link: Omit<PaymentLink, "token" | "url" | "createdAt" | "expiresAt" | "state">,
  ): PaymentLink {
    const at = this.#now();
    const token = this.#ids.token("link", 16);
    const created: Open<PaymentLink> = {
      token,
      url: `${origin}/p/${token}`,
      ...link,
      createdAt: at.toISOString(),
      expiresAt: new Date(at.getTime() + LIFETIME_MS).toISOString(),
      state: "open",
    };
    this.#byToken.set(token, created);
    return created;
  }

  find(token: string): PaymentLink | undefined {
    return this.#byToken.get(token);
  }

  isExpired(link: PaymentLink): boolean {
    return this.#now() >= new Date(link.expiresAt);
  }

  /** Uses a link up. */
  use(link: PaymentLink): void {
    const open = this.#byToken.get(link.token);
    if (open) open.state = "used";
  }

  /** Enters that a buyer authenticated, which uses the link up. */
  authenticate(agreed: Omit<Authentication, "token" | "state" | "authenticatedAt">): Authentication {
    this.use(agreed.link);
    const authentication: Open<Authentication> = {
      ...agreed,
      token: this.#ids.token("request", 16),
      authenticatedAt: this.#now().toISOString(),
      state: "authenticated",
    };
    this.#byTid.set(authentication.tid, authentication);
    this.#byRequestToken.set(authentication.token, authentication);
    return authentication;
  }

  authenticationOf(tid: string): Authentication | undefined {
    return this.#byTid.get(tid);
  }

  authenticationAt(requestToken: string): Authentication | undefined {
    return this.#byRequestToken.get(requestToken);
  }

  /** Enters what became of an authentication. */
  settle(tid: string, state: Exclude<Authentication["state"], "authenticated">): void {
    const authentication = this.#byTid.get(tid);
    if (authentication) authentication.state = state;
  }
}
