import type { PaymentLink } from "../book/payment-links.js";
import type { VirtualAccount } from "../book/virtual-accounts.js";
import { banks, cardCompanies, carriers, type Institution, institutionOf } from "../gateway/pay-methods.js";
import { escapeHtml, readableTime, won } from "../http/html.js";
import { type OfferedMethod, offeredInstallments } from "./methods.js";
import { STYLE } from "./style.js";

/** The page on which a buyer chooses how to pay. */
export function renderChoice(link: PaymentLink, offered: readonly OfferedMethod[]): string {
  const usable = offered.filter(({ missing }) => missing.length === 0);
  const lacking = offered.filter(({ missing }) => missing.length > 0);
  const isSingle = offered.length === 1;
  return frame(
    "결제하기",
    `${summary(link)}
<form class="card" method="post">
${isSingle ? singleMethod(usable) : methodTiles(offered, usable)}
${usable.map((one) => panel(one, link, isSingle)).join("\n")}
${
  usable.length === 0
    ? ""
    : `<label class="field">구매자 이름<input name="buyer" value="홍길동" maxlength="30" required autocomplete="off"></label>
<button class="main" name="action" value="approve">${won(link.price)} 결제하기</button>`
}
${lacking.map(({ method, missing }) => `<p class="bad note">${method.ko}: P_RESERVED에 <code>${escapeHtml(missing.join("&"))}</code> 이(가) 필요합니다.</p>`).join("")}
<p class="soft caption">다른 결과로 시험하기</p>
<div class="row">
<button class="plain" name="action" value="decline" formnovalidate>거절되게 하기</button>
<button class="plain" name="action" value="decline-later" formnovalidate${usable.length === 0 ? " disabled" : ""}>승인 단계에서 거절</button>
</div>
<button class="text" name="action" value="abandon" formnovalidate>결제 그만두기</button>
</form>
<footer>링크 유효기간 ${escapeHtml(readableTime(new Date(link.expiresAt)))} 까지</footer>`,
  );
}

/** A page that says why nothing can be paid here, with a way back where there is one. */
export function renderNotice(title: string, text: string, more = "", link?: PaymentLink): string {
  const back = link
    ? `<a class="button" href="${escapeHtml(link.returnUrl)}" rel="noreferrer">상점으로 돌아가기</a>`
    : "";
  return frame(title, `<section class="card"><h1>${title}</h1><p>${text}</p>${more}${back}</section>`);
}

/** The account to which the buyer transfers the money. */
export function renderAccount(account: VirtualAccount): string {
  return `<dl><dt>은행</dt><dd>${institutionOf(banks, account.bankCode).ko}</dd>
<dt>계좌번호</dt><dd><b>${escapeHtml(account.number)}</b></dd><dt>예금주</dt><dd>${escapeHtml(account.holder)}</dd>
<dt>입금액</dt><dd>${won(account.price)}</dd><dt>입금기한</dt><dd>${readableTime(new Date(account.dueAt))}</dd></dl>`;
}

/** A whole page around a body. */
export function frame(title: string, body: string, head = ""): string {
  return `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer"><title>${title} · PAYAPI 샌드박스</title>
<style>${STYLE}</style>${head}</head><body><main>
<header>결제 <span>샌드박스 · 실제 결제 아님</span></header>
${body}
</main></body></html>`;
}

function summary(link: PaymentLink): string {
  const escrow = link.reserved.useescrow === "Y" ? `<dt>에스크로</dt><dd>구매안전서비스 적용</dd>` : "";
  return `<section class="card"><p class="soft">결제 금액</p><p class="amount">${won(link.price)}</p>
<dl><dt>상품</dt><dd>${escapeHtml(link.goodsName)}</dd><dt>주문번호</dt><dd>${escapeHtml(link.oid)}</dd>
<dt>상점</dt><dd>${escapeHtml(link.mid)}</dd>${escrow}</dl></section>`;
}

function singleMethod([only]: readonly OfferedMethod[]): string {
  return only
    ? `<input type="hidden" name="method" value="${only.method.payType}"><h2>${only.method.ko}</h2>`
    : "<h2>이 링크로는 결제할 수 없습니다</h2>";
}

function methodTiles(offered: readonly OfferedMethod[], usable: readonly OfferedMethod[]): string {
  const tiles = offered.map((one) => {
    const { payType, ko } = one.method;
    const state = one.missing.length > 0 ? " disabled" : one === usable[0] ? " checked" : "";
    return `<label><input type="radio" name="method" value="${payType}" required${state}>${ko}</label>`;
  });
  return `<fieldset><legend>결제 수단</legend><div class="methods">${tiles.join("")}</div></fieldset>`;
}

function panel({ method }: OfferedMethod, link: PaymentLink, isSingle: boolean): string {
  const { payType } = method;
  const fields = {
    card: () => `${select("카드사", "company", cardCompanies)}${installments(link)}`,
    vbank: () => select("입금 은행", "vbankBank", banks),
    hpp: () => select("통신사", "carrier", carriers),
    bank: () => select("출금 은행", "transferBank", banks),
  }[payType]();
  return `<div class="panel for-${payType}${isSingle ? " only" : ""}">${fields}</div>`;
}

function select(label: string, name: string, list: readonly Institution[]): string {
  const options = list.map(({ code, ko }) => `<option value="${code}">${ko}</option>`).join("");
  return `<label class="field">${label}<select name="${name}">${options}</select></label>`;
}

function installments(link: PaymentLink): string {
  const options = offeredInstallments(link)
    .map((month) => `<option value="${month}">${month === "00" ? "일시불" : `${Number(month)}개월`}</option>`)
    .join("");
  return `<label class="field">할부<select name="quota">${options}</select></label>`;
}
