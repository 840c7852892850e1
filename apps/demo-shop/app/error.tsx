"use client";

import Link from "next/link";

export default function ErrorPage() {
  return (
    <div className="ending">
      <div className="ending-head">
        <h1>잠시 문제가 생겼습니다</h1>
        <p>결제하시던 중이었다면 다시 결제하기 전에 주문 내역에서 상태를 먼저 확인해 주세요.</p>
        <Link className="button" href="/orders">
          주문 내역
        </Link>
      </div>
    </div>
  );
}
