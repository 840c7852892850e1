"use client";

import { createPayApiBrowser } from "@payapi/core/browser";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

const payments = createPayApiBrowser({ basePath: "/payments" });

const everyMsOf: Readonly<Record<string, number>> = {
  "in-progress": 1_000,
  "awaiting-deposit": 2_000,
  unknown: 5_000,
};
const mostLooks = 30;

/** Asks for the order's status while it may still change by itself, and shows the page anew when it has changed. */
export function OrderWatch({
  orderId,
  status,
  awaitsGoods,
}: {
  orderId: string;
  status: string;
  /** Whether the shop has not acted yet on what is known of the money. */
  awaitsGoods: boolean;
}) {
  const router = useRouter();
  const everyMs = everyMsOf[status];

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(async () => {
      const now = await payments.getOrder(orderId).catch(() => undefined);
      if (now !== undefined && now.status !== status) router.refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, orderId, status, router]);

  useEffect(() => {
    if (!awaitsGoods) return;
    // The worker looks every second; a worker that is down is no reason to ask for ever.
    let looks = 0;
    const timer = setInterval(() => {
      looks += 1;
      if (looks >= mostLooks) clearInterval(timer);
      router.refresh();
    }, 1_000);
    return () => clearInterval(timer);
  }, [awaitsGoods, router]);

  return null;
}
