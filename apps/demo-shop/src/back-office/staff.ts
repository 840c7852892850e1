import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readCookie } from "../shop/cookies.js";

/** The cookie of a staff member's browser. */
export const staffCookie = "ondam_staff";

/** What the back office writes when somebody used a link: the supervisor then prints the next one. */
export const linkUsed = "A staff link was used.";

const ticketHours = 12;
const sessionHours = 12;

/** Makes a ticket for the one-time link: good once, for twelve hours. */
export function mintTicket(secret: string, now = Date.now()): string {
  const body = `${now + ticketHours * 3_600_000}.${randomBytes(16).toString("base64url")}`;
  return `${body}.${sign(secret, body)}`;
}

/** Who may use the back office. Sessions live as long as the process. */
export class Staff {
  readonly #secret: string;
  readonly #used = new Set<string>();
  readonly #sessions = new Map<string, number>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Takes a ticket and gives a session for it; `undefined` if the ticket is false, old or used. */
  enter(ticket: string): string | undefined {
    const at = ticket.lastIndexOf(".");
    const body = ticket.slice(0, Math.max(at, 0));
    if (!sameText(ticket.slice(at + 1), sign(this.#secret, body))) return undefined;
    if (!(Number(body.split(".")[0]) > Date.now()) || this.#used.has(body)) return undefined;
    this.#used.add(body);
    const session = randomBytes(24).toString("base64url");
    this.#sessions.set(session, Date.now() + sessionHours * 3_600_000);
    return session;
  }

  /** Whether a Cookie header belongs to a staff member. */
  knows(cookieHeader: string | null | undefined): boolean {
    const session = readCookie(cookieHeader, staffCookie);
    return session !== undefined && (this.#sessions.get(session) ?? 0) > Date.now();
  }

  /** Ends the session of a Cookie header. */
  leave(cookieHeader: string | undefined): void {
    this.#sessions.delete(readCookie(cookieHeader, staffCookie) ?? "");
  }

  /** The Set-Cookie header for a session; without one, the header that removes it. */
  setCookie(session: string | undefined, secure: boolean): string {
    const age = session === undefined ? 0 : sessionHours * 3_600;
    return `${staffCookie}=${session ?? ""}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
  }
}

function sign(secret: string, body: string): string {
  return createHmac("sha256", secret).update(body).digest("base64url");
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
