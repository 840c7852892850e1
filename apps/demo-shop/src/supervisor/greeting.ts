import type { Demo } from "./demo.js";

/** What the terminal says when everything runs. */
export function greeting(demo: Demo): string {
  return `
────────────────────────────────────────────────────────────────────────
  온담 — 결제 데모가 열렸습니다            The demo is running
────────────────────────────────────────────────────────────────────────
  가게       storefront    ${demo.storefrontUrl}
  직원 화면  back office   ${demo.staffLink()}
                           (한 번만 쓸 수 있는 링크입니다. 쓰고 나면 새 링크가 나옵니다.)
                           (good once, for one browser; the next one is printed when it is used)
  모의 결제  sandbox       ${demo.sandboxUrl}/_sandbox

  시험용 카드 / test cards (유효기간은 앞으로 올 아무 달 / any future expiry)
    승인 / approved   4111 1111 1111 1111
    거절 / declined   4000 0000 0000 0002

  해 볼 것
    1. 가게에서 물건을 담아 결제하고, 직원 화면에서 일부를 취소해 보세요.
    2. 결제 단추를 두 번 눌러 보세요. 한 번만 결제됩니다.
    3. 승인은 되고 답만 끊기게 한 뒤 결제해 보세요. 주문이 잠기고 "확인 필요"에 나타납니다.
  Things to try
    1. Buy something, pay, and cancel a part of it in the back office.
    2. Click Pay twice: there is one charge.
    3. Let the gateway approve and its reply get lost, then pay: the order is locked and listed for the staff.
       curl -X POST ${demo.sandboxUrl}/_sandbox/faults -H 'content-type: application/json' \\
            -d '{"fault":"reset-after-commit","operation":"cards.approve"}'
       (또는 / or: ${demo.storefrontUrl}/guide)

  Ctrl-C 로 끝냅니다.                      Ctrl-C stops everything.
────────────────────────────────────────────────────────────────────────
`;
}

/** A sentence for each server that had to take another port than usual. */
export function movedPorts(demo: Demo): string[] {
  const usual = [
    ["storefront", demo.storefrontUrl, 4000],
    ["back office", demo.backOfficeUrl, 4001],
    ["sandbox", demo.sandboxUrl, 4010],
  ] as const;
  return usual
    .filter(([, url, port]) => Number(new URL(url).port) !== port)
    .map(([name, url, port]) => {
      const { port: taken } = new URL(url);
      return `포트 ${port}번이 쓰이고 있어 ${taken}번을 씁니다. / Port ${port} is busy: the ${name} uses ${taken}.`;
    });
}
