"use client";

import { createPayApiBrowser } from "@payapi/core/browser";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

const payments = createPayApiBrowser({ basePath: "/payments" });

/** Asks for the order's status while it may still change by itself, and shows the page anew when it has changed. */
export function OrderWatch({ orderId, status }: { orderId: string; status: string }) {
  const router = useRouter();
  const everyMs = status === "in-progress" ? 1_000 : status === "unknown" ? 15_000 : undefined;

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(async () => {
      const now = await payments.getOrder(orderId).catch(() => undefined);
      if (now !== undefined && now.status !== status) router.refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, orderId, status, router]);

  return null;
}
