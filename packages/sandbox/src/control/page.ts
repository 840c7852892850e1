import { faultKinds, faultTargets } from "../faults.js";
import { escapeHtml, readableTime, won } from "../html.js";
import { deliveryModes, notificationKinds } from "../notifications/delivery-rules.js";
import { testCards } from "../test-cards.js";
import { actionForm, heading, hidden, STYLE, selectField, table, textField } from "./parts.js";
import type { ControlContext } from "./router.js";

/** What the page is rendered from. */
export interface PageView extends ControlContext {
  readonly token: string;
  /** What the last button did. */
  readonly message?: { readonly text: string; readonly isBad: boolean };
}

const SHOWN = 100;
const HOUR_MS = 60 * 60 * 1000;

/** A page for people: the book, the traffic, and buttons for what the control API can do. */
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
<h1>PAYAPI 샌드박스 <small>sandbox</small></h1>
<p>결제 대행사를 흉내 내는 로컬 서버입니다. 실제 결제는 이루어지지 않습니다. <small>No real money moves.</small></p>
<nav><a href="/_sandbox">새로 고침 (refresh)</a><a href="/_sandbox/book">장부 JSON (book)</a>
<a href="/_sandbox/notifications">알림 JSON (notifications)</a></nav>
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
    time.isFrozen ? "다시 흐르게 (resume)" : "멈추기 (freeze)",
    hidden("frozen", String(!time.isFrozen)),
    { inCell: true, plain: true },
  );
  return `${heading("시계", "clock")}<p><b>${readableTime(time.now())}</b> KST ${time.isFrozen ? "· 멈춤 (frozen)" : ""}</p>
${forward("+10분", HOUR_MS / 6)} ${forward("+1시간", HOUR_MS)} ${forward("+1일", 24 * HOUR_MS)} ${forward("+72시간", 72 * HOUR_MS)} ${toggle}`;
}

function faults({ faults: plan, token }: PageView): string {
  const rows = plan.rules.map((rule) => [
    rule.fault,
    rule.operation ?? "모두 (all)",
    escapeHtml(rule.oid ?? ""),
    String(rule.times ?? 1),
  ]);
  const kinds = faultKinds.filter((kind) => kind !== "refuse");
  const fields =
    selectField("장애 (fault)", "fault", kinds) +
    selectField("대상 (operation)", "operation", ["", ...faultTargets]) +
    textField("주문번호 (oid)", "oid") +
    textField("횟수 (times)", "times", "1", "number");
  return `${heading("장애", "faults")}${table(["장애", "대상", "주문번호", "남은 횟수"], rows)}
${actionForm(token, "faults", "추가 (add)", fields)}
${actionForm(token, "faults", "10초간 연결 거부 (refuse)", hidden("fault", "refuse") + hidden("forMs", "10000"), { inCell: true, plain: true })}
${actionForm(token, "faults", "모두 해제 (clear)", "", { inCell: true, plain: true, clear: true })}`;
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
  const heads = ["승인 시각", "주문번호", "거래ID", "수단", "금액", "잔액", "취소"];
  return `${heading(`거래 ${book.transactions.length}건`, "transactions")}${table(heads, rows)}`;
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
      ? button("deposits", "입금 (deposit)", account.tid)
      : account.state === "deposited"
        ? button("reversals", "입금 취소 (reverse)", account.tid)
        : "",
  ]);
  const fields = textField("주문번호 (oid)", "oid") + textField("금액 (price)", "price", "15000", "number");
  return `${heading("가상계좌", "virtual accounts")}${table(["주문번호", "거래ID", "계좌", "금액", "기한", "상태", ""], rows)}
${actionForm(token, "accounts", "PC 가상계좌 발급 (issue)", fields, { plain: true })}`;
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
  return `${heading("결제 링크", "payment links")}${table(["링크", "주문번호", "금액", "수단", "만료", "상태"], rows)}`;
}

function escrow({ book, token }: PageView): string {
  const rows = latest(book.escrow).map(({ tid, state, deliveries, denyMsg }) => [
    tid,
    state,
    String(deliveries.length),
    escapeHtml(denyMsg ?? ""),
    state === "delivery-registered"
      ? ["automatic", "forced"]
          .map((how) =>
            actionForm(token, "escrow-confirmations", how, hidden("tid", tid) + hidden("how", how), {
              inCell: true,
            }),
          )
          .join(" ")
      : "",
  ]);
  const fields =
    textField("주문번호 (oid)", "oid") +
    textField("금액 (price)", "price", "15000", "number") +
    selectField("수단 (payType)", "payType", ["card", "vbank", "bank"]);
  return `${heading("에스크로", "escrow")}${table(["거래ID", "상태", "배송", "거절 사유", "구매확정 (confirm)"], rows)}
${actionForm(token, "escrow-payments", "에스크로 결제 (pay)", fields, { plain: true })}`;
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
    textField("금액 (price)", "price", "9900", "number") +
    textField("발급 시각 (issuedAt, ISO 8601)", "issuedAt");
  return `${heading("빌키", "billing keys, by the start of their SHA-256")}${table(["해시", "종류", "카드", "금액", "발급", "승인", "삭제"], rows)}
${actionForm(token, "mobile-keys", "휴대폰 빌키 발급 (issue)", fields, { plain: true })}`;
}

function notifications({ notifications: sent, token }: PageView): string {
  const rows = latest(sent.list).map((entry) => [
    String(entry.id),
    entry.kind,
    escapeHtml(entry.oid),
    escapeHtml(entry.status),
    escapeHtml(entry.url),
    entry.state,
    `${entry.attempts.length}회 ${escapeHtml(entry.attempts.at(-1)?.problem ?? "")}`,
    details(entry.fields),
    entry.state === "refused"
      ? ""
      : actionForm(token, "notifications/resend", "다시 보내기 (resend)", hidden("id", String(entry.id)), {
          inCell: true,
        }),
  ]);
  const active = sent.rules.map((rule) => `${rule.mode} ${rule.kind ?? ""} ×${rule.times ?? 1}`).join(", ");
  const rule =
    selectField("방식 (mode)", "mode", deliveryModes) +
    selectField("종류 (kind)", "kind", ["", ...notificationKinds]) +
    textField("주문번호 (oid)", "oid");
  const addresses =
    textField("입금 통보 URL (depositUrl)", "depositUrl", "", "url") +
    textField("에스크로 통보 URL (escrowUrl)", "escrowUrl", "", "url") +
    selectField("문자셋 (charset)", "charset", ["euc-kr", "utf-8"]);
  return `${heading("알림", "notifications")}${table(["번호", "종류", "주문번호", "상태값", "주소", "상태", "시도", "내용", ""], rows)}
<p>${active ? `적용 중 (active): ${escapeHtml(active)}` : ""}</p>
${actionForm(token, "notifications/rules", "다음 알림에 적용 (disturb)", rule)}
${actionForm(token, "notifications/rules", "해제 (clear)", "", { inCell: true, plain: true, clear: true })}
${actionForm(token, "notifications/addresses", "주소 등록 (register)", addresses, { plain: true })}`;
}

function requests({ book }: PageView): string {
  const rows = latest(book.requests).map((entry) => [
    String(entry.seq),
    entry.operation ?? "",
    escapeHtml(entry.oid ?? ""),
    entry.outcome,
    escapeHtml(entry.resultCode ?? ""),
    entry.replied ? "전달" : "유실",
    entry.fault ?? "",
    details(entry.sent),
  ]);
  const heads = ["번호", "서비스", "주문번호", "결과", "코드", "응답", "장애", "내용"];
  const total = book.requests.at(-1)?.seq ?? 0;
  return `${heading(`요청 ${total}건`, "requests, secrets redacted")}${table(heads, rows)}`;
}

function cards(): string {
  const rows = testCards.map((card) => [card.number, card.brand, card.decline?.ko ?? "승인"]);
  return `${heading("테스트 카드", "test cards")}${table(["카드번호", "브랜드", "결과"], rows)}`;
}

function details(fields: Readonly<Record<string, string>> | undefined): string {
  if (!fields || Object.keys(fields).length === 0) return "";
  const lines = Object.entries(fields).map(([name, value]) => `${escapeHtml(name)} = ${escapeHtml(value)}`);
  return `<details><summary>보기</summary>${lines.join("<br>")}</details>`;
}

function latest<T>(entries: readonly T[]): readonly T[] {
  return entries.slice(-SHOWN).reverse();
}
