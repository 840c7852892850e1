import { testCards } from "@payapi/sandbox";
import type { Metadata } from "next";
import { getShop } from "#shop/shop.js";
import { Advice, LinkButton, PageHead, SandboxLink } from "../_parts/ui.tsx";
import { cutNextReply } from "../actions.ts";

export const metadata: Metadata = { title: "시험용 카드와 해 볼 것", robots: { index: false } };

const shown = [
  "4111111111111111",
  "5555555555554444",
  "3530111333300000",
  "4000000000000002",
  "4000000000009995",
  "4000000000009979",
];

/** December of the year after next, in the format of a card. */
function someExpiry(): string {
  return `12/${String((new Date().getFullYear() + 2) % 100).padStart(2, "0")}`;
}

export default async function GuidePage({ searchParams }: { searchParams: Promise<{ cut?: string }> }) {
  const { cut } = await searchParams;
  const { settings } = await getShop();
  const sandboxPage = <SandboxLink url={settings.sandboxUrl} />;
  return (
    <div className="ending guide">
      <PageHead title="시험용 카드와 해 볼 것">
        <p className="soft">
          이 상점의 결제는 샌드박스가 처리합니다. 진짜 카드번호를 입력하지 마시고 아래 번호를 쓰세요.
        </p>
      </PageHead>
      <section className="panel stack" aria-labelledby="cards">
        <h2 id="cards">시험용 카드</h2>
        <p className="soft small">유효기간은 미래의 아무 달이나 됩니다. 예: {someExpiry()}</p>
        <table className="cards-table">
          <thead>
            <tr>
              <th scope="col">카드번호</th>
              <th scope="col">결과</th>
            </tr>
          </thead>
          <tbody>
            {testCards
              .filter(({ number }) => shown.includes(number))
              .map(({ number, brand, decline }) => (
                <tr key={number}>
                  <td>
                    <code className="number">{number.replace(/\d{4}(?=\d)/g, "$& ")}</code>
                    <br />
                    <span className="soft small">{brand}</span>
                  </td>
                  <td>{decline === undefined ? "승인" : `거절: ${decline.ko}`}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </section>
      <section className="panel stack" aria-labelledby="try">
        <h2 id="try">해 볼 것</h2>
        <Advice
          items={[
            "결제 버튼을 두 번 눌러 보세요. 결제는 한 번만 됩니다.",
            "결제한 뒤 직원 화면에서 부분 취소하고 영수증을 다시 열어 보세요.",
            "거절되는 카드로 결제한 뒤 다른 카드로 다시 결제해 보세요.",
            "결제 방법에서 신용·체크카드, 계좌이체, 휴대폰을 골라 결제창에서 결제해 보세요. 돌아오면 배송 준비가 시작됩니다.",
            <>
              가상계좌를 고르면 계좌를 받습니다. {sandboxPage}에서 그 계좌의 “입금” 버튼을 누르면 주문이
              결제되고 배송 준비가 시작됩니다.
            </>,
            <>
              승인한 뒤 응답이 끊기게 하고 카드를 직접 입력해 결제해 보세요. 주문이 잠기고 직원 화면의 “확인
              필요”에 나타납니다. 직원이 {sandboxPage}에서 거래를 찾아 주문 화면에 거래번호와 함께 적으면
              끝납니다.
            </>,
          ]}
        />
        <form action={cutNextReply} className="stack">
          <div>
            <button type="submit" className="button button-quiet">
              다음 승인의 응답 끊기
            </button>
          </div>
          {cut !== undefined && (
            <p className="notice notice-wait" role="status">
              <span>
                다음 카드 승인은 처리되지만 응답이 오지 않습니다. 이제 아무 주문에서나{" "}
                <strong>카드 직접 입력</strong>으로 결제해 보세요. 결제창에서 하는 결제는 끊기지 않습니다.
              </span>
            </p>
          )}
        </form>
      </section>
      <p>
        <LinkButton to="/" text="상점으로 돌아가기" kind="quiet" />
      </p>
    </div>
  );
}
