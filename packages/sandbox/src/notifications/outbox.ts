import { type Charset, encodeForm, encodeText } from "../http/charset.js";
import { isLoopbackUrl } from "../http/loopback.js";
import type { Clock } from "../time/clock.js";
import type { Fields } from "./bodies.js";
import { type DeliveryRule, DeliveryRules, type NotificationKind } from "./delivery-rules.js";
import { type Answer, postNotification } from "./post.js";

/** A notification and the state of its delivery. */
export interface NotificationEntry {
  /** From 1, in the order of the events. */
  readonly id: number;
  readonly kind: NotificationKind;
  readonly oid: string;
  readonly tid: string;
  /** `P_STATUS`, `type_msg` or `cl_status`. */
  readonly status: string;
  readonly url: string;
  readonly fields: Fields;
  /**
   * `waiting`: for the first or next delivery. `given-up`: after the last delivery. `refused`: the URL is not on this machine.
   */
  readonly state: "waiting" | "acknowledged" | "given-up" | "refused";
  readonly attempts: readonly {
    readonly at: string;
    readonly httpStatus?: number;
    readonly problem?: string;
  }[];
}

/** A notification to be sent. */
export type NewNotification = Omit<NotificationEntry, "id" | "state" | "attempts"> & {
  readonly charset: Charset;
};

/** The options of an outbox. */
export interface OutboxOptions {
  readonly clock: Pick<Clock, "now" | "schedule" | "hold" | "idle">;
  readonly escrowAcknowledgement: "cd_rslt" | "ok";
  /** Certificate authorities of the merchant's https addresses, in PEM. */
  readonly ca: string | undefined;
  readonly log: (line: string) => void;
  /** Sends a notification (default: over HTTP). */
  readonly post?: typeof postNotification;
}

type Attempt = NotificationEntry["attempts"][number];
type OpenNotification = { -readonly [K in keyof NotificationEntry]: NotificationEntry[K] } & {
  attempts: Attempt[];
};
interface Letter {
  readonly entry: OpenNotification;
  readonly body: Buffer;
  readonly contentType: string;
  readonly isDoubled: boolean;
  repeatsLeft: number;
}

const TEN_MINUTES = 10 * 60 * 1000;
/** The guide gives the mobile result's interval and span, and the deposit's count; the others are decisions. */
const SCHEDULES: Readonly<Record<NotificationKind, { everyMs: number; repeats: number }>> = {
  mobile: { everyMs: TEN_MINUTES, repeats: 144 },
  deposit: { everyMs: TEN_MINUTES, repeats: 10 },
  escrow: { everyMs: TEN_MINUTES, repeats: 10 },
};
const REMEMBERED = 1000;

/** Sends notifications, and repeats them until they are acknowledged. */
export class Outbox {
  readonly rules = new DeliveryRules();
  readonly #options: OutboxOptions;
  readonly #letters: Letter[] = [];
  readonly #ending = new AbortController();
  #held: Letter[] = [];
  #count = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** The latest notifications, live, in the order of the events. */
  get list(): readonly NotificationEntry[] {
    return this.#letters.map(({ entry }) => entry);
  }

  /** Adds a notification, and sends it unless a rule holds it back. */
  put({ charset, ...notification }: NewNotification): NotificationEntry {
    this.#count += 1;
    const entry: OpenNotification = { id: this.#count, ...notification, state: "waiting", attempts: [] };
    const rules = this.rules.take(entry);
    const letter: Letter = {
      entry,
      body: writeBody(entry.fields, charset, rules),
      contentType: `application/x-www-form-urlencoded; charset=${charset}`,
      isDoubled: rules.has("duplicate"),
      repeatsLeft: SCHEDULES[entry.kind].repeats,
    };
    this.#letters.push(letter);
    if (this.#letters.length > REMEMBERED) this.#letters.shift();
    const late = rules.get("late");
    if (!isLoopbackUrl(entry.url)) this.#refuse(letter);
    else if (rules.has("reorder")) this.#held.push(letter);
    else if (late)
      this.#options.clock.schedule(late.delayMs ?? 6 * TEN_MINUTES, () => this.#track(this.#begin(letter)));
    else this.#track(this.#begin(letter));
    return entry;
  }

  /** Sends a notification again, in any state. */
  async resend(id: number): Promise<NotificationEntry> {
    const letter = this.#letters.find(({ entry }) => entry.id === id);
    if (!letter) throw new TypeError("id: no such notification is remembered");
    if (letter.entry.state === "refused") throw new TypeError("id: the address is not on this machine");
    await this.#track(this.#attempt(letter));
    return letter.entry;
  }

  /** Resolves when no delivery is running. */
  idle(): Promise<void> {
    return this.#options.clock.idle();
  }

  /** Ends the odd deliveries; what was held back is sent. */
  clear(): void {
    this.rules.clear();
    for (const letter of this.#held.splice(0)) this.#track(this.#begin(letter));
  }

  /** Aborts running deliveries. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.idle();
  }

  #track(delivery: Promise<void>): Promise<void> {
    this.#options.clock.hold(delivery);
    return delivery;
  }

  #refuse({ entry }: Letter): void {
    entry.state = "refused";
    const problem = "The sandbox sends notifications to this machine alone (127.0.0.1, localhost, ::1).";
    entry.attempts.push({ at: this.#options.clock.now().toISOString(), problem });
    this.#options.log(
      `notification ${entry.id} (${entry.kind}) not sent: its address is not on this machine`,
    );
  }

  /** Makes the first delivery, with its duplicate and the notifications held back until then. */
  async #begin(letter: Letter): Promise<void> {
    await this.#attempt(letter);
    if (letter.isDoubled) await this.#attempt(letter);
    const held = this.#held.splice(0);
    for (const waiting of held) await this.#begin(waiting);
    this.#scheduleRepeat(letter);
  }

  #scheduleRepeat(letter: Letter): void {
    if (letter.entry.state !== "waiting" || this.#ending.signal.aborted) return;
    if (letter.repeatsLeft === 0) {
      letter.entry.state = "given-up";
      return;
    }
    letter.repeatsLeft -= 1;
    this.#options.clock.schedule(SCHEDULES[letter.entry.kind].everyMs, () =>
      this.#track(
        (async () => {
          if (letter.entry.state === "waiting") await this.#attempt(letter);
          this.#scheduleRepeat(letter);
        })(),
      ),
    );
  }

  async #attempt({ entry, body, contentType }: Letter): Promise<void> {
    const { clock, ca, log, post = postNotification } = this.#options;
    const at = clock.now().toISOString();
    try {
      const { signal } = this.#ending;
      const answer = await post(entry.url, body, { contentType, ca, signal });
      const isFine = this.#isAcknowledged(entry.kind, answer);
      entry.attempts.push({
        at,
        httpStatus: answer.status,
        ...(!isFine && { problem: "not the acknowledgement" }),
      });
      if (isFine) entry.state = "acknowledged";
      log(`notification ${entry.id} (${entry.kind})  ${isFine ? "acknowledged" : `HTTP ${answer.status}`}`);
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException;
      entry.attempts.push({ at, problem: code ?? name });
      log(`notification ${entry.id} (${entry.kind})  ${code ?? name}`);
    }
  }

  #isAcknowledged(kind: NotificationKind, { status, body }: Answer): boolean {
    if (status !== 200) return false;
    if (kind === "escrow" && this.#options.escrowAcknowledgement === "cd_rslt") {
      return /^cd_rslt=0000(&|$)/.test(body);
    }
    return body === "OK";
  }
}

function writeBody(
  fields: Fields,
  charset: Charset,
  rules: ReadonlyMap<DeliveryRule["mode"], DeliveryRule>,
): Buffer {
  const pairs = Object.entries(fields);
  const ordered = rules.has("rearranged") ? [["P_SBX_ADDED", "1"] as const, ...pairs.reverse()] : pairs;
  if (!rules.has("raw")) return Buffer.from(encodeForm(ordered, charset), "latin1");
  const text = ordered.map(([name, value]) => `${name}=${value.replace(/[%&+=]/g, encodeURIComponent)}`);
  return encodeText(text.join("&"), charset);
}
