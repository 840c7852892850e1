import { page } from "./frame.js";
import { html } from "./html.js";

/** For a browser that is not a staff member's. */
export function strangerPage(): string {
  return page({
    title: "들어오기",
    signedIn: false,
    body: html`<section class="panel narrow stack">
<h1>직원만 볼 수 있습니다</h1>
<p>데모를 실행한 터미널에 찍힌 <strong>직원용 일회용 링크</strong>로 들어와 주세요.</p>
<p class="soft">링크는 한 번만 쓸 수 있습니다. 이미 썼다면 그 터미널의 맨 아래에 새 링크가 나와 있습니다.</p>
</section>`,
  });
}

/** After a good ticket. The page goes on by itself: a redirect could lose a SameSite=Strict cookie, a page cannot. */
export function enteredPage(): string {
  return page({
    title: "들어왔습니다",
    signedIn: false,
    body: html`<meta http-equiv="refresh" content="0;url=/">
<section class="panel narrow stack"><h1>들어왔습니다</h1><p><a class="button" href="/">결제 목록 보기</a></p></section>`,
  });
}

/** For an address without a page. */
export function missingPage(): string {
  return page({
    title: "없는 화면",
    body: html`<section class="panel narrow stack"><h1>찾으시는 화면이 없습니다</h1>
<p><a class="button" href="/">결제 목록</a></p></section>`,
  });
}

/** For a form that could not be taken, and changed nothing. */
export function refusedPage(): string {
  return page({
    title: "받지 못함",
    body: html`<section class="panel narrow stack"><h1>아무것도 바뀌지 않았습니다</h1>
<p>그사이 다른 사람이 처리했을 수도 있으니 목록에서 다시 확인해 주세요.</p>
<p><a class="button" href="/">결제 목록</a></p></section>`,
  });
}

/** When something broke; details are in the log, not here. */
export function brokenPage(): string {
  return page({
    title: "문제",
    body: html`<section class="panel narrow stack"><h1>잠시 문제가 생겼습니다</h1>
<p>취소를 하시던 중이었다면 다시 하기 전에 결제의 상태를 먼저 확인해 주세요.</p>
<p><a class="button" href="/">결제 목록</a></p></section>`,
  });
}
