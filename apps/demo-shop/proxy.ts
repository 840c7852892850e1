import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";

/** Sends visitors to the one address the shop has, and tells browsers to run nothing but the shop's own scripts. */
export function proxy(request: NextRequest): NextResponse {
  const origin = process.env.PUBLIC_ORIGIN;
  if (origin !== undefined && request.headers.get("host") !== new URL(origin).host) {
    return NextResponse.redirect(
      new URL(`${request.nextUrl.pathname}${request.nextUrl.search}`, origin),
      307,
    );
  }
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${process.env.NODE_ENV === "development" ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  response.headers.set("referrer-policy", "same-origin");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}

export const config = { matcher: "/((?!_next/static|icon.svg).*)" };
