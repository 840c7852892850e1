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
  /** The requested payment method, such as `card`; for an unknown one the page offers all methods. */
  readonly payType: string;
  readonly charset: "euc-kr" | "utf-8";
  readonly nextUrl: string;
  readonly returnUrl: string;
  readonly notiUrl?: string;
  readonly hppMethod?: string;
  /** The months of installment that a buyer may choose from, as sent. */
  readonly quotaBase?: string;
  /** The parsed P_RESERVED. */
  readonly reserved: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** `used`: a buyer authenticated or got a virtual account. A declined or abandoned try leaves the link open. */
  readonly state: "open" | "used";
}

/** A buyer's authentication on the payment page; the merchant's server must still request the approval. */
export interface Authentication {
  readonly tid: string;
  /** The last part of this payment's own P_REQ_URL. */
  readonly token: string;
  readonly link: PaymentLink;
  readonly method: string;
  /** The answer of the approval, fixed by the buyer's choice. */
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

/** The payment links and the buyers' authentications. */
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

  /** Creates a link of at most 50 characters on the given origin, valid for 72 hours. */
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

  /** Adds a buyer's authentication, which uses up the link. */
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

  /** Stores the result of an authentication. */
  settle(tid: string, state: Exclude<Authentication["state"], "authenticated">): void {
    const authentication = this.#byTid.get(tid);
    if (authentication) authentication.state = state;
  }
}
