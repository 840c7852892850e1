import type { CheckedConfig } from "../config.js";

// One label before the gateway's domain. Anything that needs to be normalised first (capitals, escapes, dots at the end,
// user names, backslashes, white space) is no URL that the gateway writes.
const gatewayHost = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.paywelcome\.co\.kr$/;
const httpsUrl = /^https:\/\/([a-z0-9.-]+)(?::443)?(?:[/?][^\s\\#]*)?$/;
const visibleAscii = /^[\x21-\x7e]{1,2048}$/;

/**
 * The address to ask for approval, if it may be asked. It arrives through the buyer's browser, and a server of the
 * buyer's own could answer "approved": so only https on the gateway's hosts (or those configured) is taken, and in the
 * sandbox environment only the sandbox itself.
 */
export function trustedReqUrl(
  text: string,
  { environment, origin, pageHosts }: Pick<CheckedConfig, "environment" | "origin" | "pageHosts">,
): URL | undefined {
  if (!visibleAscii.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return undefined;
  if (environment === "sandbox") return isUnder(text, origin) && url.origin === origin ? url : undefined;
  const host = httpsUrl.exec(text)?.[1] ?? "";
  const allowed =
    pageHosts === undefined ? gatewayHost.test(host) && !host.startsWith("xn--") : pageHosts.includes(host);
  // What the pattern read and what the parser read must be the same host.
  return allowed && url.origin === `https://${host}` ? url : undefined;
}

function isUnder(text: string, origin: string): boolean {
  const rest = text.startsWith(origin) ? text.slice(origin.length) : undefined;
  return rest !== undefined && /^(?:[/?][^\\#]*)?$/.test(rest);
}
