import { BlockList, isIP, isIPv4 } from "node:net";

/** Returns whether an address is in a list of addresses and CIDR blocks. */
export type AddressList = (address: string) => boolean;

/**
 * Creates a list of IPv4 and IPv6 addresses and CIDR blocks.
 *
 * @returns `undefined` if an entry is invalid
 */
export function addressList(entries: readonly string[]): AddressList | undefined {
  const list = new BlockList();
  for (const entry of entries) {
    const [, address = "", , bits] = /^([0-9a-fA-F.:]+)(\/(\d{1,3}))?$/.exec(entry) ?? [];
    const version = isIP(address);
    const width = version === 4 ? 32 : 128;
    const prefix = bits === undefined ? width : Number(bits);
    if (version === 0 || prefix > width) return undefined;
    list.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

/** Normalises an address: IPv4-mapped IPv6 becomes IPv4, without zone and port. `undefined` if it is invalid. */
export function plainAddress(text: string | undefined): string | undefined {
  const address = withoutPort((text ?? "").trim()).replace(/%[\w.-]+$/, "");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isIPv4(mapped) ? mapped : undefined;
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

// Some proxies, such as Azure Application Gateway, write the port too: 203.0.113.7:51234, and [2001:db8::1]:443. Without
// brackets an IPv6 address has no port: its last part would be ambiguous.
function withoutPort(text: string): string {
  const [, v4, v6, port] = /^(?:([\d.]+)|\[([^[\]]+:[^[\]]*)\]):([1-9]\d{0,4})$/.exec(text) ?? [];
  return port === undefined || Number(port) > 65_535 ? text : (v4 ?? v6 ?? text);
}

/**
 * Returns the client's address. If `peer` is a trusted proxy, it is the rightmost address in X-Forwarded-For that is not a trusted
 * proxy; the client itself can forge the entries to its left.
 */
export function addressBehindProxies(
  peer: string | undefined,
  forwardedFor: string | null,
  isProxy: AddressList | undefined,
): string | undefined {
  let address = plainAddress(peer);
  if (isProxy === undefined || forwardedFor === null) return address;
  const hops = forwardedFor.split(",");
  while (address !== undefined && isProxy(address) && hops.length > 0) address = plainAddress(hops.pop());
  return address;
}

/** Returns the address to count attempts by: of IPv6 its /64, since one client usually has the whole block. */
export function addressGroup(address: string): string {
  if (isIPv4(address)) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
