import { isIPv4 } from "node:net";

/** Whether a host name or address can only mean this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
