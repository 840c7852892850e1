/** The payment page's own style: one column, made for a phone, with the system's fonts. */
export const STYLE = `
*{box-sizing:border-box}
:root{--ink:#17202e;--soft:#5b6778;--line:#dde3ec;--paper:#fff;--back:#eef2f7;--accent:#1f5eff;--accent-soft:#eaf0ff;--bad:#b3261e}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;background:var(--back);color:var(--ink);
font:16px/1.55 -apple-system,BlinkMacSystemFont,"Apple SD Gothic Neo","Noto Sans KR","Malgun Gothic",system-ui,sans-serif;word-break:keep-all;overflow-wrap:anywhere}
main{max-width:27rem;margin:0 auto;padding:1rem 1rem 2.5rem}
header{display:flex;justify-content:space-between;align-items:center;padding:.25rem .25rem 1rem;font-weight:700}
header span{font-size:.8rem;font-weight:600;color:#7a4b00;background:#fff3d6;border-radius:99px;padding:.2rem .65rem}
.card{background:var(--paper);border-radius:1rem;padding:1.25rem;margin-bottom:.9rem;box-shadow:0 1px 2px #17202e14,0 6px 24px #17202e0d}
h1{font-size:1.15rem;margin:0 0 .75rem}h2{font-size:1rem;margin:0 0 .75rem}
p{margin:.4rem 0}.soft{color:var(--soft);font-size:.92rem}.bad{color:var(--bad);font-size:.92rem}
.amount{font-size:2rem;font-weight:800;letter-spacing:-.02em;margin:.1rem 0 .6rem;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:auto 1fr;gap:.3rem 1rem;margin:.75rem 0 0;font-size:.94rem}
dt{color:var(--soft)}dd{margin:0;text-align:right}
fieldset{border:0;margin:0;padding:0;min-width:0}legend{font-weight:700;padding:0;margin-bottom:.75rem}
.methods{display:grid;grid-template-columns:1fr 1fr;gap:.55rem;margin-bottom:1rem}
.methods label{display:flex;align-items:center;gap:.5rem;border:1.5px solid var(--line);border-radius:.75rem;padding:.8rem .75rem;cursor:pointer;font-weight:600}
.methods label:has(:checked){border-color:var(--accent);background:var(--accent-soft)}
.methods label:has(:disabled){color:#98a2b3;cursor:not-allowed}
input[type=radio]{accent-color:var(--accent);width:1.1rem;height:1.1rem;margin:0;flex:none}
.field{display:block;margin-top:.8rem;font-size:.92rem;color:var(--soft)}
.field input,.field select{display:block;width:100%;margin-top:.3rem;padding:.75rem .8rem;border:1.5px solid var(--line);border-radius:.7rem;background:#fff;color:var(--ink);font:inherit;font-size:1rem}
.panel{display:none}
form:has([value=card]:checked) .for-card,form:has([value=vbank]:checked) .for-vbank,
form:has([value=hpp]:checked) .for-hpp,form:has([value=bank]:checked) .for-bank,.panel.only{display:block}
button,.button{display:block;width:100%;text-align:center;text-decoration:none;border:0;border-radius:.8rem;padding:.95rem 1rem;font:inherit;font-weight:700;cursor:pointer;background:var(--accent);color:#fff}
button.plain,.button.plain{background:#e6ebf3;color:var(--ink)}
button.text{background:none;color:var(--soft);font-weight:600;padding:.7rem}
button:focus-visible,a:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid #8fb0ff;outline-offset:2px}
.row{display:grid;grid-template-columns:1fr 1fr;gap:.55rem;margin-top:.4rem}.row button{font-size:.93rem;padding:.8rem .4rem}
footer{color:var(--soft);font-size:.84rem;text-align:center;padding:.5rem 1rem}
code{font-size:.88em;background:#f1f4f9;border-radius:.3rem;padding:.05rem .3rem}
.dots{display:inline-block;animation:pulse 1.2s ease-in-out infinite}@keyframes pulse{50%{opacity:.35}}
.main,.card>.button{margin-top:1.1rem}.note{margin-top:.9rem}.caption{margin:1.1rem 0 .1rem;text-align:center}
@media (prefers-reduced-motion:reduce){.dots{animation:none}}`;
