"use client";

import { type PageEnd, pageEndTexts } from "@payapi/core/browser";
import { useEffect, useState } from "react";

export function isPageEnd(reason: unknown): reason is PageEnd {
  return typeof reason === "string" && Object.hasOwn(pageEndTexts, reason);
}

/** Why the payment page's return paid nothing, in both languages. Shown once: it leaves the address, so a reload does not repeat it. */
export function WhyUnpaid({ reason, otherwise }: { reason: string | undefined; otherwise?: string }) {
  const [first] = useState(reason);
  useEffect(() => {
    if (first !== undefined) window.history.replaceState(null, "", window.location.pathname);
  }, [first]);
  if (!isPageEnd(first)) return otherwise === undefined ? null : <p>{otherwise}</p>;
  const { ko, en } = pageEndTexts[first];
  return (
    <p role="status" data-reason={first}>
      {ko}
      <br />
      <span className="soft small" lang="en">
        {en}
      </span>
    </p>
  );
}
