import { type Transport, TransportError, type TransportReply, type TransportRequest } from "@payapi/core";
import type { InProcessReply, InProcessSandbox } from "@payapi/sandbox/in-process";
import type { Process } from "./process.js";
import type { World } from "./world.js";

/** What the network does to one call. */
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
  | "empty";

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
};

/** How long a call may take. */
export const callMs = 60_000;
/** How long after its connection broke the gateway may still carry a call out. */
const latestCommitMs = 600_000;

/** The gateway at the end of an unreliable network. */
export class Gateway {
  /** Until when it takes no connection. */
  downUntil = 0;
  /** Requests of which a byte left, by what they were about. */
  readonly sent = new Set<string>();

  constructor(
    readonly world: World,
    readonly sandbox: InProcessSandbox,
    /** Called after each request that was carried out. */
    readonly changed: () => void,
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
      await process.step("first byte");
      for (const name of namesOf(request)) this.sent.add(name);
      world.note(
        `${process.name} sends ${request.url.pathname.split("/").slice(0, 3).join("/")}: ${weather}`,
      );
      return this.#exchange(process, request, weather);
    };
  }

  #exchange(process: Process, request: TransportRequest, weather: Weather): Promise<TransportReply> {
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
        world.at(after + random.between(0, latestCommitMs - 1_000), () => this.#arrive(request));
        return;
      }
      world.at(there, () => {
        const reply = this.#arrive(request);
        const back = world.lag();
        if (weather === "reset-after") later(back, "reset", () => reject(lost("ECONNRESET")));
        else if (weather === "silence" || weather === "late-reply")
          later(callMs - there, "deadline", deadline);
        else if (weather === "cut") {
          later(back, "half a reply", () => reject(new TransportError("reply-invalid", true, "cut off")));
        } else later(back, "reply", () => resolve(disturbed(reply, weather)));
      });
    });
  }

  #arrive(request: TransportRequest): InProcessReply {
    const reply = this.sandbox.receive(request.url.pathname, request.body);
    const entry = this.sandbox.book.requests.at(-1);
    this.world.note(`gateway ${entry?.operation} ${entry?.oid ?? ""} ${entry?.outcome}`);
    this.changed();
    return reply;
  }
}

function disturbed({ status, contentType, body }: InProcessReply, weather: Weather): TransportReply {
  const with_ = (code: number, type: string, text: string | Buffer): TransportReply => ({
    status: code,
    headers: { "content-type": type },
    body: Buffer.from(text),
  });
  switch (weather) {
    case "html":
      return with_(200, "text/html", "<!doctype html><title>점검</title>");
    case "status-500":
      return with_(500, "application/json", '{"ResultCode":"9999","ResultMsg":"error"}');
    case "empty":
      return with_(200, contentType, "");
    default:
      return with_(status, contentType, body);
  }
}

/** The order number and the transaction that a request is about. */
function namesOf({ body }: TransportRequest): string[] {
  const form = new URLSearchParams(Buffer.from(body).toString("latin1"));
  return ["oid", "tid", "P_TID", "P_OID"].flatMap((name) => form.get(name) ?? []);
}
