import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";

/** Redirects visitors to the shop's only address, and sets a policy that allows only the shop's own scripts. */
export function proxy(request: NextRequest): NextResponse {
  const origin = process.env.PUBLIC_ORIGIN;
  if (origin !== undefined && request.headers.get("host") !== new URL(origin).host) {
    return sendTo(new URL(`${request.nextUrl.pathname}${request.nextUrl.search}`, origin));
  }
  const nonce = randomBytes(16).toString("base64");
  const inDevelopment = process.env.NODE_ENV === "development" ? " 'unsafe-eval'" : "";
  const policy = [
    `default-src 'none'; script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${inDevelopment}`,
    `style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'`,
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ].join("; ");
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  response.headers.set("referrer-policy", "same-origin");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}

/** Next treats localhost and 127.0.0.1 as the same address, and breaks a redirect from one to the other. */
function sendTo(url: URL): NextResponse {
  const href = url.href.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const page = `<!doctype html><html lang="ko"><meta charset="utf-8"><title>온담</title>
<meta http-equiv="refresh" content="0;url=${href}"><p>상점의 주소는 <a href="${href}">${url.host}</a> 입니다.</p></html>`;
  return new NextResponse(page, {
    status: 421,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    },
  });
}

export const config = { matcher: "/((?!_next/static|icon.svg).*)" };
