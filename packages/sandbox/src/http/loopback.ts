import { isIPv4 } from "node:net";

/** Returns whether a host name or address is certainly this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** Returns whether a URL is http or https on this machine. */
export function isLoopbackUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return /^https?:$/.test(protocol) && isLoopbackHost(hostname.replace(/^\[(.*)\]$/, "$1"));
}
