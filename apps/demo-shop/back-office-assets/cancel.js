// The cancel forms: they post JSON, as the payment endpoints require, and show the result.
// @ts-check

/** @param {HTMLElement} section */
function enliven(section) {
  const remaining = Number(section.dataset.remaining);
  const result = /** @type {HTMLElement} */ (section.querySelector(".cancel-result"));
  const forms = /** @type {HTMLFormElement[]} */ ([...section.querySelectorAll("form")]);
  const amount = /** @type {HTMLInputElement} */ (section.querySelector("#amount"));
  const amountError = /** @type {HTMLElement} */ (section.querySelector("#amount-error"));
  const after = /** @type {HTMLElement} */ (section.querySelector("#after"));
  let busy = false;

  amount.addEventListener("input", () => {
    const price = priceOf(amount.value);
    // Anything else stays as it was typed: without its point, "300.00" would be 30,000.
    if (price > 0) amount.value = won(price);
    showAmountError("");
    const left = remaining - price;
    after.textContent =
      !(price > 0) || left < 0
        ? `남은 금액 ${won(remaining)}원까지 취소할 수 있습니다.`
        : `취소하고 나면 ${won(left)}원이 남습니다.`;
  });

  for (const form of forms) form.addEventListener("submit", (event) => submit(event, form));
  setBusy(false);

  /** @param {SubmitEvent} event @param {HTMLFormElement} form */
  async function submit(event, form) {
    event.preventDefault();
    if (busy) return;
    // Removes the result of an earlier try.
    result.replaceChildren();
    const part = form.hasAttribute("data-part");
    const cancelPrice = priceOf(amount.value);
    if (part && !(cancelPrice > 0 && cancelPrice <= remaining)) {
      const isMissing = amount.value.trim() === "" || cancelPrice === 0;
      const wrong = isMissing ? "취소할 금액을 적어 주세요." : "금액은 숫자로만 적어 주세요. 예: 30,000";
      showAmountError(cancelPrice > remaining ? "남은 금액보다 많습니다." : wrong);
      amount.focus();
      return;
    }
    const check = /** @type {HTMLInputElement} */ (form.querySelector('input[type="checkbox"]'));
    if (!check.checked) {
      show("wait", "확인해 주세요", "되돌릴 수 없음을 확인했다고 표시한 뒤 다시 눌러 주세요.");
      check.focus();
      return;
    }
    setBusy(true);
    // The request names the amount that must remain, so that a second tab with an old page cannot cancel twice.
    await send(form.action, part ? { cancelPrice, confirmPrice: remaining - cancelPrice } : {});
  }

  /** @param {string} url @param {object} body */
  async function send(url, body) {
    try {
      const reply = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", "accept-language": "ko" },
        body: JSON.stringify(body),
      });
      if (reply.ok) {
        location.assign(`${location.pathname}?done=cancelled`);
        return;
      }
      const problem = await reply.json();
      show("bad", problem.title, problem.detail);
      // After other errors, the amounts on this page may be outdated.
      const mayTryAgain = ["invalid-input", "not-sent", "ledger-unavailable", "cancel-refused"];
      if (mayTryAgain.includes(problem.code)) setBusy(false);
      else offerReload();
    } catch {
      show(
        "wait",
        "응답을 받지 못했습니다",
        "취소되었을 수 있습니다. 다시 취소하기 전에 이 화면을 새로 열어 확인해 주세요.",
      );
      offerReload();
    }
  }

  /** @param {boolean} state */
  function setBusy(state) {
    busy = state;
    for (const form of forms) {
      for (const control of form.querySelectorAll("button, input"))
        control.toggleAttribute("disabled", state);
    }
  }

  /** @param {string} text */
  function showAmountError(text) {
    amountError.textContent = text;
    amount.setAttribute("aria-invalid", String(text !== ""));
  }

  /** @param {"bad" | "wait"} tone @param {string} title @param {string} detail */
  function show(tone, title, detail) {
    const box = document.createElement("div");
    box.className = `notice notice-${tone}`;
    const strong = document.createElement("strong");
    strong.textContent = title;
    const text = document.createElement("p");
    text.textContent = detail;
    box.append(strong, text);
    result.replaceChildren(box);
    result.focus();
  }

  function offerReload() {
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = "화면 새로 열기";
    result.firstElementChild?.append(link);
  }
}

/** The amount as a number; NaN unless it is written in digits, with or without commas. @param {string} typed */
function priceOf(typed) {
  const text = typed.trim();
  return /^[\d,]{0,15}$/.test(text) ? Number(text.replaceAll(",", "")) : Number.NaN;
}

/** @param {number} amount */
function won(amount) {
  return new Intl.NumberFormat("ko-KR").format(amount);
}

for (const section of document.querySelectorAll("[data-cancels]"))
  enliven(/** @type {HTMLElement} */ (section));
