import type { Mount, WireAnswer, WireBody, WireHeaders } from "./mount.js";
import { shopOrigin } from "./shop-orders.js";
import { Transcript } from "./transcript.js";

/** The parts of a request that a test may change. */
export interface Ask {
  /** The caller (default: `alice`); `null` for an anonymous one. */
  readonly as?: string | null;
  /** The client's address (default: 127.0.0.1). */
  readonly from?: string;
  /** Headers to add, or to leave out where `undefined`; a list stands for several of one name. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Sent as it is, instead of a body written as JSON. */
  readonly raw?: WireBody;
  readonly chunked?: boolean;
  readonly signal?: AbortSignal;
  /** Keeps it out of the transcript: answers that depend on who wins a race, or on the framework. */
  readonly unrecorded?: boolean;
  /** Keeps this mount's answer out of the transcript, where the other mounts' stays. */
  readonly skipped?: boolean;
}

/** A form's fields, written in UTF-8, or the bytes of one. */
export type Form = Readonly<Record<string, string>> | Uint8Array;

/** A card that is approved, with every field a buyer may enter. None of it may appear in any output. */
export const goodCard = {
  cardNumber: "4111111111111111",
  cardExpireYY: "99",
  cardExpireMM: "12",
  registNo: "1208147521",
  passwd: "97",
} as const;

/** Asks for an answer in English. */
export const inEnglish = { headers: { "accept-language": "en" } } as const satisfies Ask;

export const declinedCard = { ...goodCard, cardNumber: "4000000000000002" } as const;

/** Sends requests to a mount as browsers and the gateway's server do, and records the answers. */
export abstract class Client {
  readonly transcript = new Transcript();
  readonly answers: WireAnswer[] = [];

  protected abstract get mount(): Mount;
  protected abstract get gatewayOrigin(): string;

  post(path: string, body: unknown, ask: Ask = {}): Promise<WireAnswer> {
    return this.change("POST", path, body, ask);
  }

  /** Changes something with JSON from the shop's own page. */
  change(method: string, path: string, body: unknown, ask: Ask = {}): Promise<WireAnswer> {
    const headers = { "content-type": "application/json", origin: shopOrigin, ...ask.headers };
    return this.send(method, path, ask.raw ?? JSON.stringify(body), { ...ask, headers });
  }

  get(path: string, ask: Ask = {}): Promise<WireAnswer> {
    return this.send("GET", path, undefined, ask);
  }

  /** A request of the gateway's server: a form without a browser's headers. */
  form(path: string, form: Form, ask: Ask = {}): Promise<WireAnswer> {
    const headers = { ...formType, ...ask.headers };
    return this.send("POST", path, ask.raw ?? formBody(form), { as: null, ...ask, headers });
  }

  /** A request of a browser that returns from the gateway's page: from another site, without cookies. */
  navigate(method: "GET" | "POST", path: string, form?: Form, ask: Ask = {}): Promise<WireAnswer> {
    const gateway = this.gatewayOrigin;
    const headers = {
      accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      referer: `${gateway}/`,
      "sec-fetch-dest": "document",
      "sec-fetch-mode": "navigate",
      "sec-fetch-site": "cross-site",
      "upgrade-insecure-requests": "1",
      ...(method === "POST" && { origin: gateway, ...formType }),
      ...ask.headers,
    };
    const body = ask.raw ?? (form && formBody(form));
    return this.send(method, path, body, { as: null, ...ask, headers });
  }

  /** Pays an order. */
  pay(orderId: string, card: object = goodCard, ask: Ask = {}): Promise<WireAnswer> {
    return this.post(at(orderId, "card-approval"), card, ask);
  }

  /** The staff cancels all that remains. */
  cancel(orderId: string, ask: Ask = {}): Promise<WireAnswer> {
    return this.post(at(orderId, "cancel"), {}, { as: "staff", ...ask });
  }

  /** The staff cancels a part. */
  cancelPart(orderId: string, cancelPrice: number, confirmPrice: number, ask: Ask = {}): Promise<WireAnswer> {
    return this.post(at(orderId, "partial-cancel"), { cancelPrice, confirmPrice }, { as: "staff", ...ask });
  }

  status(orderId: string, ask: Ask = {}): Promise<WireAnswer> {
    return this.get(at(orderId), ask);
  }

  async send(method: string, path: string, body: WireBody | undefined, ask: Ask = {}): Promise<WireAnswer> {
    const { as = "alice", from, chunked, signal, unrecorded, skipped } = ask;
    const given = {
      ...(as !== null && { "x-test-user": as }),
      ...(from !== undefined && { "x-test-address": from }),
      ...ask.headers,
    };
    const isSent = (
      entry: [string, WireHeaders[string] | undefined],
    ): entry is [string, WireHeaders[string]] => entry[1] !== undefined;
    const headers = Object.fromEntries(Object.entries(given).filter(isSent));
    const answer = await this.mount.send({ method, path, headers, body, chunked, signal });
    this.answers.push(answer);
    if (unrecorded) return answer;
    if (skipped) this.transcript.skip(method, path);
    else this.transcript.add(method, path, answer);
    return answer;
  }

  /** Sends these bytes, and nothing else, to the server. The method is said once more to know what answer to expect. */
  async sendVerbatim(method: string, verbatim: string | Uint8Array): Promise<WireAnswer> {
    const answer = await this.mount.send({ method, path: "/", headers: {}, verbatim });
    this.answers.push(answer);
    return answer;
  }
}

const formType = { "content-type": "application/x-www-form-urlencoded" };

function formBody(form: Form): string | Uint8Array {
  return form instanceof Uint8Array ? form : new URLSearchParams(form).toString();
}

/** The path of an order's route. */
export function at(orderId: string, action?: string): string {
  const path = `/payments/orders/${encodeURIComponent(orderId)}`;
  return action === undefined ? path : `${path}/${action}`;
}
