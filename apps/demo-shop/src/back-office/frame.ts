import type { Environment } from "@payapi/core";
import { formatShortKoreanTime } from "../shop/korean.js";
import type { Label } from "../shop/labels.js";
import { type Html, html } from "./html.js";

export function page(title: string, body: Html, signedIn = true): string {
  return html`<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} — 온담 직원 화면</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/font/pretendardvariable-dynamic-subset.css">
<link rel="stylesheet" href="/assets/system.css">
<link rel="stylesheet" href="/assets/back-office.css">
<script src="/assets/cancel.js" defer></script>
</head>
<body>
<a class="skip-link" href="#content">본문으로 건너뛰기</a>
<header class="bar"><div class="page">
<a class="bar-brand" href="/"><img src="/assets/icon.svg" alt="" width="28" height="28"> <strong>온담</strong> <span>직원 화면</span></a>
${
  signedIn &&
  html`<nav aria-label="주요 메뉴"><a href="/">결제</a>
<form method="post" action="/leave"><button class="text-button" type="submit">나가기</button></form></nav>`
}
</div></header>
<main id="content" class="page" tabindex="-1">
${body}
</main>
</body>
</html>`.text;
}

export function panel(id: string, title: Html | string, body: Html | readonly Html[], kind = ""): Html {
  return html`<section class="panel stack ${kind}" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>`;
}

export function notePage(title: string, text: Html | string, heading = title): string {
  const body = html`<section class="panel narrow stack"><h1>${heading}</h1>
${text && html`<p>${text}</p>`}<p><a class="button" href="/">결제 목록</a></p></section>`;
  return page(title, body);
}

export const missingPage = () => notePage("없는 화면", "", "찾으시는 화면이 없습니다");

export function time(at: Date): Html {
  return html`<time datetime="${at.toISOString()}" class="number small soft">${formatShortKoreanTime(at)}</time>`;
}

export function badge({ text, tone }: Label): Html {
  return html`<span class="badge badge-${tone}">${text}</span>`;
}

/** Marks pages whose payments are tests; nothing in production. */
export function testBadge(environment: Environment): Html | false {
  return (
    environment !== "production" && badge({ text: `${environment}: 테스트 결제, 매출 아님`, tone: "wait" })
  );
}

/** Name and value lines; lines without a value are left out. */
export function facts(lines: readonly (readonly [name: string, value: Html | string | undefined])[]): Html {
  return html`<dl class="facts">${lines
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
