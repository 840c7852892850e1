"use client";

import { EndingHead, LinkButton } from "./_parts/ui.tsx";

export default function ErrorPage() {
  return (
    <div className="ending">
      <EndingHead
        title="잠시 문제가 생겼습니다"
        text="결제하시던 중이었다면 다시 결제하기 전에 주문 내역에서 상태를 먼저 확인해 주세요."
      >
        <LinkButton to="/orders" text="주문 내역" />
      </EndingHead>
    </div>
  );
}
