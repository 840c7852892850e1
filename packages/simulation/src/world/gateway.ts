import { type Transport, TransportError, type TransportReply, type TransportRequest } from "@payapi/core";
import type { InProcessReply, InProcessSandbox } from "@payapi/sandbox/in-process";
import type { Process } from "./process.js";
import type { World } from "./world.js";
import { type KnownIds, type Wrong, wrongReply } from "./wrong-replies.js";

/** The fault of one call. */
type Weather =
  | "fine"
  | "refused"
  | "handshake-fails"
  | "reset-before"
  | "reset-after"
  | "silence"
  | "late-commit"
  | "late-reply"
  | "cut"
  | "html"
  | "status-500"
  | "empty"
  | Wrong;

const weights: Readonly<Record<Weather, number>> = {
  fine: 70,
  refused: 4,
  "handshake-fails": 2,
  "reset-before": 3,
  "reset-after": 4,
  silence: 2,
  "late-commit": 4,
  "late-reply": 2,
  cut: 3,
  html: 2,
  "status-500": 2,
  empty: 2,
  price: 1.5,
  "no-tid": 1.5,
  "known-tid": 1.5,
  "other-order": 1,
  garbage: 3,
};
const wrongs: readonly string[] = [
  "price",
  "no-tid",
  "known-tid",
  "other-order",
  "garbage",
] satisfies Wrong[];

/** How long a call may take. */
export const callMs = 60_000;
/** How long after its connection broke the gateway may still carry a call out. */
const latestCommitMs = 600_000;

/** A success reply that arrived at a running process. */
export interface HeardYes {
  readonly operation: string;
  readonly oid: string | undefined;
  readonly tid: string | undefined;
  /** The requested amount of a cancel. */
  readonly cancelPrice: number | undefined;
  readonly confirmPrice: number | undefined;
  /** The mistake in it, if any. */
  readonly wrong: Wrong | undefined;
}

/** Listeners to the gateway, and data that it needs. */
export interface GatewayEars {
  /** Called after each request that was carried out, with the call that it was sent by if that was about billing keys. */
  carriedOut(reply: Uint8Array, keyCall: string | undefined): void;
  /** The shop's payments, for replies that mix payments up. */
  known(): KnownIds;
  /** The issue of a billing key that a process is sending, if any. */
  keyCallOf(process: Process): string | undefined;
  /** Called just before a process receives a success. */
  hearing(process: Process, operation: string): void;
}

/** The gateway behind an unreliable network. */
export class Gateway {
  /** Until when it refuses connections. */
  downUntil = 0;
  /** Requests of which a byte left, by their subject. */
  readonly sent = new Set<string>();
  /** All success replies that a process received. */
  readonly heard: HeardYes[] = [];

  constructor(
    readonly world: World,
    readonly sandbox: InProcessSandbox,
    readonly ears: GatewayEars,
  ) {}

  /** The transport of one process. */
  transport(process: Process): Transport {
    return async (request) => {
      const { world } = this;
      const weather = world.faulty ? world.random.weighted(weights) : "fine";
      await process.step("connect");
      const isDown = world.faulty && world.now < this.downUntil;
      if (weather === "refused" || isDown) {
        throw new TransportError("connection-failed", false, "ECONNREFUSED");
      }
      if (weather === "handshake-fails") throw new TransportError("tls-failed", false, "ECONNRESET");
      try {
        await request.beforeSend?.();
      } catch (error) {
        throw new TransportError("before-send-failed", false, "Nothing was sent", error);
      }
      const keyCall = this.ears.keyCallOf(process);
      await process.step("first byte");
      for (const name of namesOf(request)) this.sent.add(name);
      world.note(
        `${process.name} sends ${request.url.pathname.split("/").slice(0, 3).join("/")}: ${weather}`,
      );
      return this.#exchange(process, request, weather, keyCall);
    };
  }

  #exchange(
    process: Process,
    request: TransportRequest,
    weather: Weather,
    keyCall: string | undefined,
  ): Promise<TransportReply> {
    const { world } = this;
    const { random } = world;
    const lost = (why: string) => new TransportError("connection-lost", true, why);
    return new Promise((resolve, reject) => {
      const later = (ms: number, what: string, take: () => void) =>
        world.at(ms, () => process.deliver(what, take));
      const deadline = () => reject(new TransportError("deadline", true, "No reply in time"));
      const there = world.lag();
      if (weather === "reset-before") {
        later(there, "reset", () => reject(lost("ECONNRESET")));
        return;
      }
      if (weather === "late-commit") {
        const isReset = random.chance(0.5);
        const after = isReset ? there : callMs;
        later(after, "no reply", isReset ? () => reject(lost("ECONNRESET")) : deadline);
        world.at(after + random.between(0, latestCommitMs - 1_000), () => this.#arrive(request, keyCall));
        return;
      }
      world.at(there, () => {
        const { reply, yes } = this.#disturb(this.#arrive(request, keyCall), weather);
        const back = world.lag();
        if (weather === "reset-after") later(back, "reset", () => reject(lost("ECONNRESET")));
        else if (weather === "silence" || weather === "late-reply")
          later(callMs - there, "deadline", deadline);
        else if (weather === "cut") {
          later(back, "half a reply", () => reject(new TransportError("reply-invalid", true, "cut off")));
        } else {
          later(back, "reply", () => {
            if (yes !== undefined) {
              this.ears.hearing(process, yes.operation);
              this.heard.push(yes);
            }
            resolve(reply);
          });
        }
      });
    });
  }

  /** Applies the fault to a reply, and returns the success that its reader may see. */
  #disturb(
    reply: InProcessReply,
    weather: Weather,
  ): { readonly reply: TransportReply; readonly yes: HeardYes | undefined } {
    const { operation, oid, tid, sent = {}, outcome, resultCode } = this.sandbox.book.requests.at(-1) ?? {};
    const saysYes = outcome === "committed" || (outcome === "answered" && resultCode === "00");
    if (isBroken(weather)) return { reply: broken(reply, weather), yes: undefined };
    if (!saysYes || operation === undefined) return { reply: asIs(reply), yes: undefined };
    const wrong = isWrong(weather) ? weather : undefined;
    const changed = wrong && wrongReply(reply, wrong, this.world.random, this.ears.known());
    if (changed !== undefined) this.world.note(`gateway says it wrong: ${wrong}`);
    const won = (value: string | undefined) => (value === undefined ? undefined : Number(value));
    return {
      reply: asIs(changed ?? reply),
      yes: {
        operation,
        oid,
        tid,
        cancelPrice: won(sent.cancelPrice ?? sent.price),
        confirmPrice: won(sent.confirmPrice),
        wrong: changed === undefined ? undefined : wrong,
      },
    };
  }

  #arrive(request: TransportRequest, keyCall: string | undefined): InProcessReply {
    const reply = this.sandbox.receive(request.url.pathname, request.body);
    const entry = this.sandbox.book.requests.at(-1);
    this.world.note(`gateway ${entry?.operation} ${entry?.oid ?? ""} ${entry?.outcome}`);
    this.ears.carriedOut(reply.body, keyCall);
    return reply;
  }
}

function isWrong(weather: Weather): weather is Wrong {
  return wrongs.includes(weather);
}

function isBroken(weather: Weather): weather is "html" | "status-500" | "empty" {
  return weather === "html" || weather === "status-500" || weather === "empty";
}

function asIs({ status, contentType, body }: InProcessReply): TransportReply {
  return { status, headers: { "content-type": contentType }, body };
}

function broken({ contentType }: InProcessReply, weather: "html" | "status-500" | "empty"): TransportReply {
  switch (weather) {
    case "html":
      return asIs({
        status: 200,
        contentType: "text/html",
        body: Buffer.from("<!doctype html><title>점검</title>"),
      });
    case "status-500": {
      const body = Buffer.from('{"ResultCode":"9999","ResultMsg":"error"}');
      return asIs({ status: 500, contentType: "application/json", body });
    }
    case "empty":
      return asIs({ status: 200, contentType, body: Buffer.from("") });
  }
}

/** The order number and the transaction that a request is about. */
function namesOf({ body }: TransportRequest): string[] {
  const form = new URLSearchParams(Buffer.from(body).toString("latin1"));
  return ["oid", "tid", "originalTid", "P_TID", "P_OID"].flatMap((name) => form.get(name) ?? []);
}
