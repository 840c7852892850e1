import { createPayApiBrowser, type PayApiBrowser } from "@payapi/core/browser";

/** What a buyer's browser brought back from the payment page, and the shop's answer. */
interface Returned {
  readonly sentTo: string;
  readonly tid: string;
  readonly status: number;
  readonly location: string | null;
}

/** A buyer with a session in a shop, at a path of its site. */
export function buyerOf({ publicUrl, path }: { readonly publicUrl: string; readonly path: string }) {
  const { origin, pathname } = new URL(publicUrl);
  const payments: PayApiBrowser = createPayApiBrowser({
    basePath: `${pathname === "/" ? "" : pathname}${path}`,
    // What a browser adds. Node.js knows no request to a page's own origin.
    fetch: (url, { mode: _, headers, ...init }) =>
      fetch(origin + url, { ...init, headers: { ...headers, origin, cookie: "user=user-1" } }),
  });
  return {
    payments,
    async payAtPage(orderId: string, { payType }: { readonly payType: "card" | "vbank" }): Promise<Returned> {
      const { url } = await payments.createPaymentLink(orderId, { payType });
      const choice = { buyer: "홍길동", method: payType, action: "approve" };
      const page = await (await fetch(url, { method: "POST", body: new URLSearchParams(choice) })).text();
      const sentTo = plain(/<form method="post" action="([^"]*)"/.exec(page)?.[1] ?? "");
      const inputs = [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
      const entries = inputs.map(([, name = "", value = ""]) => [name, plain(value)] as const);
      const fields = new URLSearchParams(Object.fromEntries(entries));
      const { status, headers } = await fetch(sentTo, { method: "POST", body: fields, redirect: "manual" });
      return { sentTo, tid: fields.get("P_TID") ?? "", status, location: headers.get("location") };
    },
  };
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? "");
}
