"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

const everyMsOf: Readonly<Record<string, number>> = {
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
    const timer = setInterval(() => router.refresh(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, router]);
  return null;
}
