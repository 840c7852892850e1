"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

const everyMsOf: Readonly<Record<string, number>> = {
  // The buyer may be paying in another window or browser.
  "not-paid": 3_000,
  declined: 3_000,
  "in-progress": 1_000,
  "awaiting-deposit": 2_000,
  unknown: 5_000,
};

/** Reloads the page while the order may still change. */
export function OrderWatch({ status, awaitsGoods }: { status: string; awaitsGoods: boolean }) {
  const router = useRouter();
  // The worker handles events within a second.
  const everyMs = awaitsGoods ? 1_000 : everyMsOf[status];
  useEffect(() => {
    if (everyMs === undefined) return;
    const look = () => document.visibilityState === "visible" && router.refresh();
    const timer = setInterval(look, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, router]);
  return null;
}
