"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Asks for the order's status while it may still change by itself, and shows the page anew when it has changed. */
export function OrderWatch({ orderId, status }: { orderId: string; status: string }) {
  const router = useRouter();
  const everyMs = status === "in-progress" ? 1_000 : status === "unknown" ? 15_000 : undefined;

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(async () => {
      const reply = await fetch(`/payments/orders/${orderId}`, { cache: "no-store" }).catch(() => undefined);
      if (!reply?.ok) return;
      const now = (await reply.json()) as { status?: string };
      if (now.status !== status) router.refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, orderId, status, router]);

  return null;
}
