"use client";

import { createPayApiBrowser, pageEndTexts } from "@payapi/core/browser";
import { useEffect, useState } from "react";
import { EndingHead, OrderNumber } from "../../_parts/ui.tsx";
import { isPageEnd } from "./why-unpaid.tsx";

const payments = createPayApiBrowser({ basePath: "/payments", language: "ko" });

type Shown = readonly [title: string, text: string, mark?: "good" | "wait"];

const asking: Shown = ["결제 결과를 확인하고 있습니다", "잠시만 기다려 주세요."];
const unpaid: Shown = [
  "아직 결제하지 않은 주문입니다",
  "결제되지 않았습니다. 주문하신 브라우저에서 다시 결제하실 수 있습니다.",
];
const locked: Shown = [
  "결제 결과를 확인하고 있습니다",
  "다시 결제하지 마세요. 담당자가 확인하고 있습니다.",
  "wait",
];
const shown: Readonly<Record<string, Shown>> = {
  paid: ["결제가 끝났습니다", "주문하신 브라우저의 화면도 저절로 바뀝니다.", "good"],
  "awaiting-deposit": [
    "입금을 기다리고 있습니다",
    "입금할 계좌는 주문하신 브라우저의 화면에 나와 있습니다.",
    "wait",
  ],
  "in-progress": asking,
  unknown: locked,
  "needs-review": locked,
};
function whyUnpaid(reason: string | undefined): Shown {
  if (!isPageEnd(reason)) return unpaid;
  const { ko, en } = pageEndTexts[reason];
  return [unpaid[0], `${ko} (${en})`];
}

const over: Shown = [
  "주문하신 브라우저에서 확인해 주세요",
  "이 화면은 결제 뒤 15분 동안만 결과를 보여 드립니다.",
];

/** The result for a buyer who came back without the shop's cookie, in another browser than the one in which they ordered. */
export function ReturnedBuyer({
  orderId,
  ticket,
  reason,
}: {
  orderId: string;
  ticket: string;
  reason: string | undefined;
}) {
  const [[title, text, mark], show] = useState<Shown>(asking);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const ask = async () => {
      const order = await payments.getOrder(orderId, { ticket }).catch(() => undefined);
      if (left) return;
      show(order === undefined ? over : (shown[order.status] ?? whyUnpaid(reason)));
      if (order !== undefined && order.status !== "paid") timer = setTimeout(ask, 3_000);
    };
    void ask();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [orderId, ticket, reason]);
  return (
    <div className="ending" role="status">
      <EndingHead title={title} text={text} {...(mark && { mark })} />
      <OrderNumber id={orderId} />
    </div>
  );
}
