import type { Book, Transaction } from "./book/book.js";
import type { RequestEntry } from "./book/request-log.js";
import { formatKoreanTime } from "./korean-time.js";
import { testCards } from "./test-cards.js";

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d9dee5;white-space:nowrap}
td.won{text-align:right;font-variant-numeric:tabular-nums}`;

/** A small page for people: the book, the latest requests and the test cards. */
export function renderPage(book: Book): string {
  const transactions = [...book.transactions].reverse().slice(0, 100);
  const requests = [...book.requests].reverse().slice(0, 100);
  return `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>PAYAPI 샌드박스</title><style>${STYLE}</style></head><body>
<h1>PAYAPI 샌드박스</h1>
<p>결제 대행사를 흉내 내는 로컬 서버입니다. 실제 결제는 이루어지지 않습니다.
<a href="/_sandbox/book">장부 (JSON)</a></p>
<h2>거래 ${book.transactions.length}건</h2>
${table(["승인 시각", "주문번호", "거래ID", "카드", "금액", "잔액", "취소"], transactions.map(transactionRow))}
<h2>요청 ${book.requests.length}건</h2>
${table(["번호", "서비스", "주문번호", "결과", "코드", "응답", "장애"], requests.map(requestRow))}
<h2>테스트 카드</h2>
${table(
  ["카드번호", "브랜드", "결과"],
  testCards.map((card) => row([card.number, card.brand, card.decline?.ko ?? "승인"])),
)}
</body></html>`;
}

function transactionRow(entry: Transaction): string {
  return (
    `<tr>${cell(readable(entry.approvedAt))}${cell(entry.oid)}${cell(entry.tid)}${cell(entry.cardLast4 ?? "")}` +
    `<td class="won">${won(entry.price)}</td><td class="won">${won(entry.remaining)}</td>${cell(String(entry.cancels.length))}</tr>`
  );
}

function requestRow(entry: RequestEntry): string {
  return row([
    String(entry.seq),
    entry.operation ?? "",
    entry.oid ?? "",
    entry.outcome,
    entry.resultCode ?? "",
    entry.replied ? "전달" : "유실",
    entry.fault ?? "",
  ]);
}

function table(heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map(cell).join("")}</tr>`;
}

function cell(text: string): string {
  return `<td>${escapeHtml(text)}</td>`;
}

function won(amount: number): string {
  return `${amount.toLocaleString("ko-KR")}원`;
}

function readable(iso: string): string {
  return formatKoreanTime(new Date(iso)).replace(/^(....)(..)(..)(..)(..)(..)$/, "$1-$2-$3 $4:$5:$6");
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? "");
}
