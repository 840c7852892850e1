/** The values with which the gateway's page returns the buyer's browser to the shop. */
export interface Brought {
  /** The path of P_NEXT_URL. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

type Choice = Readonly<Record<string, string>>;

/** A buyer at the gateway's page, who chooses without a browser. */
export async function chooseAtPage(link: string, choice: Choice = {}): Promise<Brought> {
  const form = { buyer: "홍길동", method: "card", action: "approve", ...choice };
  const answer = await fetch(link, { method: "POST", body: new URLSearchParams(form) });
  const html = await answer.text();
  const action = unescapeHtml(/<form method="post" action="([^"]*)"/.exec(html)?.[1] ?? "");
  if (!URL.canParse(action)) throw new Error(`the page leads nowhere: ${answer.status}`);
  const inputs = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return {
    path: new URL(action).pathname,
    fields: Object.fromEntries(inputs.map(([, name = "", value = ""]) => [name, unescapeHtml(value)])),
  };
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function unescapeHtml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? "");
}
