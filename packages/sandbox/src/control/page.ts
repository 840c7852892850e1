import { faultKinds, faultTargets } from "../gateway/faults.js";
import { testCards } from "../gateway/test-cards.js";
import { escapeHtml, readableTime, won } from "../http/html.js";
import { deliveryModes, notificationKinds } from "../notifications/delivery-rules.js";
import type { ControlContext } from "./actions.js";
import { actionForm, both, heading, hidden, STYLE, selectField, table, textField } from "./parts.js";

/** What the page is rendered from. */
export interface PageView extends ControlContext {
  readonly token: string;
  /** What the last button did. */
  readonly message?: { readonly text: string; readonly isBad: boolean };
}

const SHOWN = 100;
const howNames = { automatic: "자동|Automatic", forced: "강제|Forced" } as const;
const HOUR_MS = 60 * 60 * 1000;

/** Renders the page with the book, the requests, and buttons for the control API. */
export function renderPage(view: PageView): string {
  const { message } = view;
  const sections = [
    clock,
    faults,
    transactions,
    accounts,
    links,
    escrow,
    keys,
    notifications,
    requests,
    cards,
  ];
  return `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>PAYAPI 샌드박스</title><style>${STYLE}</style></head><body>
<h1>${both("PAYAPI 샌드박스|Sandbox")}</h1>
<p>${both("결제 대행사를 흉내 내는 로컬 서버입니다. 실제 결제는 이루어지지 않습니다.|A local server that plays the gateway. No real money moves.")}</p>
<nav><a href="/_sandbox">${both("새로 고침|Refresh")}</a><a href="/_sandbox/book">${both("장부 JSON|Book")}</a>
<a href="/_sandbox/notifications">${both("알림 JSON|Notifications")}</a></nav>
${message ? `<p class="message${message.isBad ? " bad" : ""}" role="status">${escapeHtml(message.text)}</p>` : ""}
${sections.map((section) => `<section>${section(view)}</section>`).join("\n")}
</body></html>`;
}

function clock({ clock: time, token }: PageView): string {
  const forward = (button: string, milliseconds: number) =>
    actionForm(token, "clock", button, hidden("advanceMs", String(milliseconds)), { inCell: true });
  const toggle = actionForm(
    token,
    "clock",
    time.isFrozen ? "다시 흐르게|Resume" : "멈추기|Freeze",
    hidden("frozen", String(!time.isFrozen)),
    { inCell: true, plain: true },
  );
  return `${heading("시계|clock")}<p><b>${readableTime(time.now())}</b> KST ${time.isFrozen ? `· ${both("멈춤|frozen")}` : ""}</p>
${forward("+10분|10 min", HOUR_MS / 6)} ${forward("+1시간|1 h", HOUR_MS)} ${forward("+1일|1 day", 24 * HOUR_MS)} ${forward("+72시간|72 h", 72 * HOUR_MS)} ${toggle}`;
}

function faults({ faults: plan, token }: PageView): string {
  const rows = plan.rules.map((rule) => [
    rule.fault,
    rule.operation ?? both("모두|all"),
    escapeHtml(rule.oid ?? ""),
    String(rule.times ?? 1),
  ]);
  const kinds = faultKinds.filter((kind) => kind !== "refuse");
  const fields =
    selectField("장애|fault", "fault", kinds) +
    selectField("대상|operation", "operation", ["", ...faultTargets]) +
    textField("주문번호|oid", "oid") +
    textField("횟수|times", "times", "1", "number");
  return `${heading("장애|faults")}${table(["장애|fault", "대상|operation", "주문번호|oid", "남은 횟수|times left"], rows)}
${actionForm(token, "faults", "추가|Add", fields)}
${actionForm(token, "faults", "10초간 연결 거부|Refuse connections for 10 s", hidden("fault", "refuse") + hidden("forMs", "10000"), { inCell: true, plain: true })}
${actionForm(token, "faults", "모두 해제|Clear all", "", { inCell: true, plain: true, clear: true })}`;
}

function transactions({ book }: PageView): string {
  const rows = latest(book.transactions).map((entry) => [
    readableTime(new Date(entry.approvedAt)),
    escapeHtml(entry.oid),
    entry.tid,
    escapeHtml(entry.payType) + (entry.cardLast4 ? ` ${escapeHtml(entry.cardLast4)}` : ""),
    won(entry.price),
    won(entry.remaining),
    entry.cancels.map(({ kind, price }) => `${kind} ${won(price)}`).join("<br>"),
  ]);
  const heads = [
    "승인 시각|approved at",
    "주문번호|oid",
    "거래ID|tid",
    "수단|method",
    "금액|price",
    "잔액|remaining",
    "취소|cancels",
  ];
  return `${heading(`거래 ${book.transactions.length}건|transactions`)}${table(heads, rows)}`;
}

function accounts({ book, token }: PageView): string {
  const button = (path: string, text: string, tid: string) =>
    actionForm(token, path, text, hidden("tid", tid), { inCell: true });
  const rows = latest(book.accounts).map((account) => [
    escapeHtml(account.oid),
    account.tid,
    `${account.bankCode} ${account.number}`,
    won(account.price),
    readableTime(new Date(account.dueAt)),
    account.state,
    account.state === "issued"
      ? button("deposits", "입금|Deposit", account.tid)
      : account.state === "deposited"
        ? button("reversals", "입금 회수|Reverse deposit", account.tid)
        : "",
  ]);
  const fields = textField("주문번호|oid", "oid") + textField("금액|price", "price", "15000", "number");
  return `${heading("가상계좌|virtual accounts")}${table(["주문번호|oid", "거래ID|tid", "계좌|account", "금액|price", "기한|due", "상태|state", ""], rows)}
${actionForm(token, "accounts", "PC 가상계좌 발급|Issue a virtual account of the PC window", fields, { plain: true })}`;
}

function links({ book }: PageView): string {
  const rows = latest(book.links).map((link) => [
    `<a href="${escapeHtml(link.url)}">${escapeHtml(link.url)}</a>`,
    escapeHtml(link.oid),
    won(link.price),
    escapeHtml(link.payType),
    readableTime(new Date(link.expiresAt)),
    link.state === "open" && book.pages.isExpired(link) ? "expired" : link.state,
  ]);
  return `${heading("결제 링크|payment links")}${table(["링크|link", "주문번호|oid", "금액|price", "수단|method", "만료|expires", "상태|state"], rows)}`;
}

function escrow({ book, token }: PageView): string {
  const rows = latest(book.escrow).map(({ tid, state, deliveries, denyMsg }) => [
    tid,
    state,
    String(deliveries.length),
    escapeHtml(denyMsg ?? ""),
    state === "delivery-registered"
      ? (["automatic", "forced"] as const)
          .map((how) =>
            actionForm(
              token,
              "escrow-confirmations",
              howNames[how],
              hidden("tid", tid) + hidden("how", how),
              {
                inCell: true,
              },
            ),
          )
          .join(" ")
      : "",
  ]);
  const fields =
    textField("주문번호|oid", "oid") +
    textField("금액|price", "price", "15000", "number") +
    selectField("수단|payType", "payType", ["card", "vbank", "bank"]);
  return `${heading("에스크로|escrow")}${table(["거래ID|tid", "상태|state", "배송|deliveries", "거절 사유|rejection reason", "구매확정|Confirmation"], rows)}
${actionForm(token, "escrow-payments", "에스크로 결제|Pay with escrow", fields, { plain: true })}`;
}

function keys({ book, token }: PageView): string {
  const rows = latest(book.billingKeys).map((key) => [
    `${key.hash}…`,
    key.kind,
    escapeHtml(key.cardLast4 ?? ""),
    key.price === undefined ? "" : won(key.price),
    readableTime(new Date(key.issuedAt)),
    String(key.charges.length),
    key.deletedAt === undefined ? "" : readableTime(new Date(key.deletedAt)),
  ]);
  const fields =
    textField("금액|price", "price", "9900", "number") +
    textField("발급 시각|issuedAt, ISO 8601", "issuedAt");
  return `${heading("빌키|billing keys, by the start of their SHA-256")}${table(["해시|hash", "종류|kind", "카드|card", "금액|price", "발급|issued", "승인|charges", "삭제|deleted"], rows)}
${actionForm(token, "mobile-keys", "휴대폰 빌키 발급|Issue a mobile billing key", fields, { plain: true })}`;
}

function notifications({ notifications: sent, token }: PageView): string {
  const rows = latest(sent.list).map((entry) => [
    String(entry.id),
    entry.kind,
    escapeHtml(entry.oid),
    escapeHtml(entry.status),
    escapeHtml(entry.url),
    entry.state,
    `${entry.attempts.length} ${escapeHtml(entry.attempts.at(-1)?.problem ?? "")}`,
    details(entry.fields),
    entry.state === "refused"
      ? ""
      : actionForm(token, "notifications/resend", "다시 보내기|Send again", hidden("id", String(entry.id)), {
          inCell: true,
        }),
  ]);
  const active = sent.rules.map((rule) => `${rule.mode} ${rule.kind ?? ""} ×${rule.times ?? 1}`).join(", ");
  const rule =
    selectField("방식|mode", "mode", deliveryModes) +
    selectField("종류|kind", "kind", ["", ...notificationKinds]) +
    textField("주문번호|oid", "oid");
  const addresses =
    textField("입금 알림 URL|depositUrl", "depositUrl", "", "url") +
    textField("에스크로 알림 URL|escrowUrl", "escrowUrl", "", "url") +
    selectField("문자셋|charset", "charset", ["euc-kr", "utf-8"]);
  return `${heading("알림|notifications")}${table(["번호|number", "종류|kind", "주문번호|oid", "상태값|status", "주소|address", "상태|state", "시도|attempts", "내용|fields", ""], rows)}
<p>${active ? `${both("적용 중|Active")}: ${escapeHtml(active)}` : ""}</p>
${actionForm(token, "notifications/rules", "다음 알림에 적용|Apply to the next notification", rule)}
${actionForm(token, "notifications/rules", "해제|Clear", "", { inCell: true, plain: true, clear: true })}
${actionForm(token, "notifications/addresses", "주소 등록|Register", addresses, { plain: true })}`;
}

function requests({ book }: PageView): string {
  const rows = latest(book.requests).map((entry) => [
    String(entry.seq),
    entry.operation ?? "",
    escapeHtml(entry.oid ?? ""),
    entry.outcome,
    escapeHtml(entry.resultCode ?? ""),
    both(entry.replied ? "전달|sent" : "유실|lost"),
    entry.fault ?? "",
    details(entry.sent),
  ]);
  const heads = [
    "번호|number",
    "서비스|service",
    "주문번호|oid",
    "결과|outcome",
    "코드|code",
    "응답|reply",
    "장애|fault",
    "내용|fields",
  ];
  const total = book.requests.at(-1)?.seq ?? 0;
  return `${heading(`요청 ${total}건|requests, secrets redacted`)}${table(heads, rows)}`;
}

function cards(): string {
  const rows = testCards.map((card) => [
    card.number,
    card.brand,
    both(card.decline ? `${card.decline.ko}|${card.decline.en}` : "승인|Approved"),
  ]);
  return `${heading("테스트 카드|test cards")}${table(["카드번호|number", "브랜드|brand", "결과|outcome"], rows)}`;
}

function details(fields: Readonly<Record<string, string>> | undefined): string {
  if (!fields || Object.keys(fields).length === 0) return "";
  const lines = Object.entries(fields).map(([name, value]) => `${escapeHtml(name)} = ${escapeHtml(value)}`);
  return `<details><summary>${both("보기|Show")}</summary>${lines.join("<br>")}</details>`;
}

function latest<T>(entries: readonly T[]): readonly T[] {
  return entries.slice(-SHOWN).reverse();
}
