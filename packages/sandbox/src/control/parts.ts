import { escapeHtml } from "../http/html.js";

/** The control page's style. */
export const STYLE = `*{box-sizing:border-box}
body{font:15px/1.5 -apple-system,BlinkMacSystemFont,"Apple SD Gothic Neo","Noto Sans KR","Malgun Gothic",system-ui,sans-serif;max-width:76rem;margin:0 auto;padding:1.25rem 1rem 4rem;color:#17202e;background:#f4f6fa}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.05rem;margin:0 0 .6rem}small{color:#5b6778;font-weight:400}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1rem;margin:.5rem 0 1rem}a{color:#1f5eff}
section{background:#fff;border:1px solid #dde3ec;border-radius:.8rem;padding:1rem;margin-bottom:1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #e6ebf2;white-space:nowrap;vertical-align:top}
th{color:#5b6778;font-weight:600;font-size:.87rem}td.won{text-align:right;font-variant-numeric:tabular-nums}
form.line{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:.4rem 0}form.cell{display:inline}
label{font-size:.85rem;color:#5b6778}
input,select,button{font:inherit;padding:.35rem .6rem;border:1px solid #c3ccd9;border-radius:.45rem;background:#fff;color:inherit}
label input,label select{display:block;margin-top:.15rem}input{max-width:13rem}input.small{max-width:6.5rem}
button{background:#1f5eff;border-color:#1f5eff;color:#fff;cursor:pointer}button.plain{background:#fff;color:#17202e;border-color:#c3ccd9}
button:focus-visible,input:focus-visible,select:focus-visible,a:focus-visible{outline:3px solid #8fb0ff}
button small{color:inherit;opacity:.85}.cell button{padding:.1rem .5rem;font-size:.87rem}
.message{padding:.7rem 1rem;border-radius:.6rem;background:#e6f4ea;overflow-wrap:anywhere}.message.bad{background:#fdeceb;color:#8c1d18}
details{font-size:.87rem}summary{cursor:pointer;color:#1f5eff}p{margin:.3rem 0}`;

/** A text in both languages, given as `한국어|English`. HTML. */
export function both(text: string): string {
  const [ko = "", en] = text.split("|");
  return en === undefined ? ko : `${ko} <small lang="en">${en}</small>`;
}

export function heading(text: string): string {
  return `<h2>${both(text)}</h2>`;
}

/** A table that scrolls on its own. Heads are in both languages, cells are HTML. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `<p>${both("없음|None")}</p>`;
  const head = heads.map((text) => `<th scope="col">${both(text)}</th>`).join("");
  const body = rows.map((cells) => `<tr>${cells.map(cellOf).join("")}</tr>`).join("");
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function cellOf(html: string): string {
  return /^-?[\d,]+원$/.test(html) ? `<td class="won">${html}</td>` : `<td>${html}</td>`;
}

/** A form that sets an action off; the button is in both languages, `fields` is HTML. */
export function actionForm(
  token: string,
  path: string,
  button: string,
  fields = "",
  options: { readonly inCell?: true; readonly plain?: true; readonly clear?: true } = {},
): string {
  return (
    `<form class="${options.inCell ? "cell" : "line"}" method="post" action="/_sandbox/do">` +
    `${hidden("token", token)}${hidden("path", path)}${options.clear ? hidden("clear", "yes") : ""}` +
    `${fields}<button${options.plain ? ' class="plain"' : ""}>${both(button)}</button></form>`
  );
}

export function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
}

export function textField(label: string, name: string, value = "", type = "text"): string {
  const size = type === "number" ? ' class="small"' : "";
  return `<label>${both(label)}<input name="${name}" type="${type}" value="${escapeHtml(value)}"${size}></label>`;
}

export function selectField(label: string, name: string, values: readonly string[]): string {
  const options = values
    .map((value) => `<option value="${value}">${value === "" ? "모두 / all" : value}</option>`)
    .join("");
  return `<label>${both(label)}<select name="${name}">${options}</select></label>`;
}
