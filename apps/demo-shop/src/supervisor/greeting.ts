import { quoted } from "./data-folder.js";
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
    3. 결제 방법에서 신용·체크카드, 계좌이체, 휴대폰을 골라 결제창에서 결제해 보세요.
    4. 가상계좌를 고르고, 모의 결제 화면의 "가상계좌"에서 "입금"을 눌러 보세요. 주문이 결제되고 배송 준비가 시작됩니다.
    5. 승인은 되고 답만 끊기게 한 뒤 카드를 직접 입력해 보세요. 주문이 잠깁니다. 직원 화면의 "확인 필요"에서
       주문을 열고, 모의 결제 화면에서 찾은 거래번호를 적어 끝내 보세요.
  Things to try
    1. Buy something, pay, and cancel a part of it in the back office.
    2. Click Pay twice: there is one charge.
    3. Choose card, account transfer or phone, and pay on the gateway's payment page.
    4. Choose the virtual account (가상계좌), then press 입금 (deposit) beside it on the sandbox's page: the order is
       paid by itself, and its goods are prepared (배송 준비).
    5. Let the gateway approve and its reply get lost, then key in a card: the order is locked. Open it from 확인 필요 in
       the back office, find the transaction on the sandbox's page, and settle the order with its tid.
       curl -X POST ${demo.sandboxUrl}/_sandbox/faults -H 'content-type: application/json' \\
            -d '{"fault":"reset-after-commit","operation":"cards.approve"}'
       (또는 / or: ${demo.storefrontUrl}/guide)

  운영자의 명령(docs/guides/ledger.md)은 저장소에서 이렇게 / the operator's commands, from the repository:
    ${operatorCommand(demo, "review --lang ko")}

  Ctrl-C 로 끝냅니다.                      Ctrl-C stops everything.
────────────────────────────────────────────────────────────────────────
`;
}

/** A command of the operator's tool on this demo, as it is typed in the repository. */
export function operatorCommand({ operatorFile }: Pick<Demo, "operatorFile">, command: string): string {
  // Whatever the terminal has of these variables is somebody else's shop.
  return `(set -a; . ${quoted(operatorFile)}; node packages/cli/bin/payapi.mjs ${command})`;
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
