import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { RequestHandler, Response } from "express";
import { readCookie } from "../shop/cookies.js";

export const staffCookie = "ondam_staff";

/** The line that the back office prints when a link was used; the supervisor then prints the next link. */
export const linkUsed = "A staff link was used.";

const ticketHours = 12;
const sessionHours = 12;

/** Creates a ticket for a staff member's one-time link, valid for twelve hours. */
export function mintTicket(secret: string, name: string, now = Date.now()): string {
  const body = [
    now + ticketHours * 3_600_000,
    randomBytes(16).toString("base64url"),
    Buffer.from(name).toString("base64url"),
  ].join(".");
  return `${body}.${sign(secret, body)}`;
}

/** The staff's sessions, which end with the process. */
export class Staff {
  readonly #secret: string;
  readonly #used = new Set<string>();
  readonly #sessions = new Map<string, { readonly name: string; readonly until: number }>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Exchanges a ticket for a session; `undefined` if the ticket is invalid, expired or used. */
  enter(ticket: string): string | undefined {
    const at = ticket.lastIndexOf(".");
    const body = ticket.slice(0, Math.max(at, 0));
    if (!sameText(ticket.slice(at + 1), sign(this.#secret, body))) return undefined;
    const [until, , name = ""] = body.split(".");
    if (!(Number(until) > Date.now()) || this.#used.has(body)) return undefined;
    this.#used.add(body);
    const session = randomBytes(24).toString("base64url");
    this.#sessions.set(session, {
      name: Buffer.from(name, "base64url").toString(),
      until: Date.now() + sessionHours * 3_600_000,
    });
    return session;
  }

  /** The staff member of a Cookie header; `undefined` if it has no valid session. */
  nameOf(cookieHeader: string | null | undefined): string | undefined {
    const session = this.#sessions.get(readCookie(cookieHeader, staffCookie) ?? "");
    return session !== undefined && session.until > Date.now() ? session.name : undefined;
  }

  leave(cookieHeader: string | undefined): void {
    this.#sessions.delete(readCookie(cookieHeader, staffCookie) ?? "");
  }

  /** The Set-Cookie header for a session; without one, the header that removes it. */
  setCookie(session: string | undefined, secure: boolean): string {
    const age = session === undefined ? 0 : sessionHours * 3_600;
    return `${staffCookie}=${session ?? ""}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
  }
}

/** Rejects requests without a staff session, and stores the staff member's name. */
export function onlyStaff(staff: Staff, stranger: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const name = staff.nameOf(request.headers.cookie);
    if (name === undefined) stranger(request, response, next);
    else {
      response.locals.staffName = name;
      next();
    }
  };
}

/** The staff member of this request, behind {@link onlyStaff}. */
export function nameOfStaff({ locals }: Response): string {
  if (typeof locals.staffName !== "string") throw new Error("Nobody of the staff asked");
  return locals.staffName;
}

function sign(secret: string, body: string): string {
  return createHmac("sha256", secret).update(body).digest("base64url");
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
