import { isIPv4 } from "node:net";

/** A block of IPv6 addresses; IPv4 blocks are mapped: `10.0.0.0/8` is `::ffff:10.0.0.0/104`. */
interface Block {
  readonly bits: bigint;
  readonly prefix: number;
}

/**
 * The widest blocks that registries assign to one organisation: a /8 of IPv4 (such as 17.0.0.0/8), a /16 of IPv6 (ARIN's upper
 * limit). Wider blocks contain other people's machines.
 */
const widest = { ipv4: 8, ipv6: 16 } as const;

/** The IPv6 blocks that contain all IPv4 addresses: mapped (RFC 4291) and translated (RFC 6052). */
const wholeIpv4 = ["::ffff:0:0/96", "64:ff9b::/96"].map(blockOf);

/** Addresses that are not used on the internet (IANA's special-purpose registries). */
const notOnTheInternet = (
  [
    ["0.0.0.0/8", "unspecified"],
    ["10.0.0.0/8", "private"],
    ["100.64.0.0/10", "private (carrier-grade NAT)"],
    ["127.0.0.0/8", "loopback"],
    ["169.254.0.0/16", "link-local"],
    ["172.16.0.0/12", "private"],
    ["192.168.0.0/16", "private"],
    ["224.0.0.0/4", "multicast"],
    ["240.0.0.0/4", "reserved"],
    ["::/128", "unspecified"],
    ["::1/128", "loopback"],
    ["fc00::/7", "unique local"],
    ["fe80::/10", "link-local"],
    ["ff00::/8", "multicast"],
  ] as const
).map(([text, kind]) => ({ kind, block: blockOf(text) }));

/** Blocks wider than {@link widest} that are allowed for proxies, since they are local to the merchant's network. */
const ownNetworks = ["fc00::/7", "fe80::/10"].map(blockOf);

const tooWide = `wider than /${widest.ipv4} of IPv4 or /${widest.ipv6} of IPv6`;

/**
 * Returns why these entries are rejected as `sources` outside the sandbox, and what to write instead; `undefined` if they are allowed.
 *
 * @param entries addresses and CIDR blocks that `addressList` takes
 */
export function riskOfSources(entries: readonly string[]): string | undefined {
  const risky = entries.flatMap((entry) => {
    const block = blockOf(entry);
    const kind = isTooWide(block)
      ? tooWide
      : notOnTheInternet.find((special) => overlap(special.block, block))?.kind;
    return kind === undefined ? [] : [`"${entry}" (${kind})`];
  });
  return risky.length === 0
    ? undefined
    : `must not contain ${risky.join(", ")} outside the sandbox: the gateway sends from public addresses of its own, and with such an entry a stranger's notification would count as the gateway's. List the addresses that the gateway gave you, or write "unlisted" if it gave none; addresses of your own proxies belong in trustedProxies`;
}

/**
 * Returns why these entries are rejected as `trustedProxies` outside the sandbox, and what to write instead; `undefined` if they are
 * allowed. Loopback and private addresses are allowed, since proxies usually have them.
 *
 * @param entries addresses and CIDR blocks that `addressList` takes
 */
export function riskOfProxies(entries: readonly string[]): string | undefined {
  const risky = entries.filter((entry) => {
    const block = blockOf(entry);
    return isTooWide(block) && !ownNetworks.some((own) => isWithin(block, own));
  });
  return risky.length === 0
    ? undefined
    : `must not contain ${risky.map((entry) => `"${entry}" (${tooWide})`).join(", ")} outside the sandbox: strangers would count as your proxies and could write any address into X-Forwarded-For. List the addresses of your own proxies, such as "10.0.0.0/8"`;
}

function isTooWide(block: Block): boolean {
  const isIpv4 = wholeIpv4.some((all) => overlap(all, block));
  return block.prefix < (isIpv4 ? 96 + widest.ipv4 : widest.ipv6);
}

function isWithin(inner: Block, outer: Block): boolean {
  return inner.prefix >= outer.prefix && overlap(inner, outer);
}

function overlap(one: Block, other: Block): boolean {
  const free = BigInt(128 - Math.min(one.prefix, other.prefix));
  return one.bits >> free === other.bits >> free;
}

function blockOf(entry: string): Block {
  const [address = "", length] = entry.split("/");
  if (isIPv4(address)) {
    const bits = address.split(".").reduce((all, byte) => (all << 8n) | BigInt(byte), 0xffffn);
    return { bits, prefix: 96 + Number(length ?? 32) };
  }
  // URL normalises IPv6 addresses to groups in hex, also if they contain IPv4.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groupsOf = (part: string | undefined) => (part ? part.split(":") : []);
  const [left, right] = [groupsOf(head), groupsOf(tail)];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const bits = [...left, ...zeros, ...right].reduce((all, group) => (all << 16n) | BigInt(`0x${group}`), 0n);
  return { bits, prefix: Number(length ?? 128) };
}
