import { assemble, type GatewaySettings } from "./assemble.js";
import type { RequestEntry } from "./book/request-log.js";
import { redactForm } from "./gateway/codecs.js";
import { type GatewayReply, rejectionReply } from "./gateway/gateway.js";
import type { ReplyFormat } from "./gateway/inject-fault.js";
import { described, JSON_FORMAT } from "./gateway/requests.js";
import { Rejection } from "./gateway/result-codes.js";
import { encodeForm, encodeText } from "./http/charset.js";
import { decodeForm } from "./http/form.js";
import type { Answer } from "./notifications/post.js";
import { approveAuthentication, pairsFormat } from "./payment-page/approve.js";
import { returnFields } from "./payment-page/return.js";
import { carryOut } from "./payment-page/router.js";
import type { Sandbox } from "./sandbox.js";
import type { Clock } from "./time/clock.js";

export type { Answer } from "./notifications/post.js";

/** A virtual clock and its timers. */
export type SandboxTime = Pick<Clock, "now" | "schedule">;

/** The options of {@link createInProcessSandbox}. */
export interface InProcessOptions extends GatewaySettings {
  /** The origin of the payment page's addresses, on this machine. */
  readonly origin: string;
  readonly time: SandboxTime;
  /** The seed that makes every id repeatable. */
  readonly seed: string;
  /** Delivers a notification to the merchant; rejects without a complete answer. */
  readonly notify: (url: string, body: Buffer, contentType: string) => Promise<Answer>;
}

/** A complete reply. */
export interface InProcessReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** The browser's next request after the payment page. */
export interface BuyerReturn {
  readonly url: string;
  readonly method: "GET" | "POST";
  /** The form, for POST. */
  readonly body: string;
}

/** The gateway without a network and without timers, for simulations in one process. */
export interface InProcessSandbox {
  readonly book: Sandbox["book"];
  readonly notifications: Sandbox["notifications"];
  readonly outside: Sandbox["outside"];
  /** Processes a complete request in one step and returns the reply. */
  receive(path: string, body: Uint8Array): InProcessReply;
  /** Makes a buyer's choice on the payment page; `undefined` if the link is no longer open. */
  choose(linkUrl: string, choice: Readonly<Record<string, string>>): BuyerReturn | undefined;
}

/**
 * Creates a sandbox that acts only when it is called.
 * @throws TypeError if an option is invalid
 */
export function createInProcessSandbox(options: InProcessOptions): InProcessSandbox {
  const { origin, time, notify } = options;
  const clock = {
    now: time.now,
    clientTimes: () => [time.now()],
    schedule: time.schedule,
    // The owner of the clock also knows the running work.
    hold: () => {},
    idle: async () => {},
  };
  const { rules, book, notifications, gateway, outside } = assemble(options, {
    clock,
    seed: options.seed,
    maxRequests: 100_000,
    ca: undefined,
    log: () => {},
    post: (url, body, { contentType }) => notify(url, body, contentType ?? ""),
  });
  const page = { book, notifier: notifications, rules };

  function answer(
    reply: GatewayReply,
    format: ReplyFormat,
    facts: Pick<RequestEntry, "operation" | "sent">,
  ): InProcessReply {
    book.log({ ...facts, ...described(reply), httpStatus: reply.status, replied: true });
    const body = encodeText(format.print(reply.body), format.charset);
    return { status: reply.status, contentType: format.contentType, body };
  }

  function receiveApproval(token: string, form: ReadonlyMap<string, string>): InProcessReply {
    const authentication = book.pages.authenticationAt(token);
    if (authentication === undefined) throw new TypeError("Unknown P_REQ_URL");
    const reply = approveAuthentication(authentication, form, page);
    return answer(reply, pairsFormat(authentication.link.charset), { operation: "page.approve" });
  }

  function receiveCall(path: string, form: ReadonlyMap<string, string>): InProcessReply {
    const operation = gateway.operationAt(path, form);
    if (operation === undefined) return answer(rejectionReply(new Rejection("unknownPath")), JSON_FORMAT, {});
    const reply = gateway.process(operation, form, origin);
    return answer(reply, JSON_FORMAT, { operation: operation.name, sent: redactForm(operation, form) });
  }

  return {
    book,
    notifications,
    outside,
    receive(path, body) {
      const form = decodeForm(Buffer.from(body));
      const [, token] = /^\/smart\/a\/([^/?]+)$/.exec(path) ?? [];
      return token === undefined ? receiveCall(path, form) : receiveApproval(token, form);
    },
    choose(linkUrl, choice) {
      const link = book.pages.find(new URL(linkUrl).pathname.split("/").at(-1) ?? "");
      if (link === undefined || link.state === "used" || book.pages.isExpired(link)) return undefined;
      const outcome = carryOut(link, new Map(Object.entries(choice)), origin, page);
      if (outcome === undefined) throw new TypeError("choice: the page does not offer that");
      const form = encodeForm(Object.entries(returnFields(link, outcome, rules)), link.charset);
      return rules.returnBy === "post"
        ? { url: link.nextUrl, method: "POST", body: form }
        : { url: `${link.nextUrl}?${form}`, method: "GET", body: "" };
    },
  };
}
