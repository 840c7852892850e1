import { describe, expect, it } from "vitest";
import {
  addressBehindProxies,
  addressGroup,
  addressList,
  plainAddress,
} from "../src/handler/client-address.js";

const proxies = addressList(["10.0.0.0/8", "192.0.2.7", "2001:db8:ffff::/48"]);

describe("a list of addresses and CIDR blocks", () => {
  it.each([
    [["10.0.0.0/8"], "10.255.255.255", true],
    [["10.0.0.0/8"], "11.0.0.0", false],
    [["118.129.171.152/31"], "118.129.171.153", true],
    [["118.129.171.152/31"], "118.129.171.154", false],
    [["118.130.130.26"], "118.130.130.26", true],
    [["118.130.130.26"], "118.130.130.2", false],
    [["0.0.0.0/0"], "203.0.113.9", true],
    [["0.0.0.0/0"], "2001:db8::1", false],
    [["2001:db8::/32"], "2001:db8:1::9", true],
    [["2001:db8::/32"], "2001:db9::9", false],
    [["::1"], "::1", true],
    [["10.0.0.0/8"], "10.0.0.1.evil.example", false],
    [["10.0.0.0/8"], "", false],
  ])("%j with %s: %s", (entries, address, listed) => {
    expect(addressList(entries)?.(address)).toBe(listed);
  });

  it.each([
    "10.0.0.0/33",
    "::/129",
    "10.0.0",
    "localhost",
    "10.0.0.0/8/8",
    "10.0.0.0/",
    "",
    "1.2.3.4, 5.6.7.8",
    "2130706433",
    "0x7f.0.0.1",
    "*",
  ])("rejects %j", (entry) => {
    expect(addressList([entry])).toBeUndefined();
  });
});

describe("the address of a request", () => {
  // An attacker controls everything left of the trusted proxy's own entry.
  it.each([
    ["203.0.113.9", null, "203.0.113.9"],
    ["203.0.113.9", "198.51.100.1", "203.0.113.9"],
    ["203.0.113.9", "10.0.0.1", "203.0.113.9"],
    ["10.0.0.1", null, "10.0.0.1"],
    ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "118.130.130.26, 198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "118.130.130.26,198.51.100.1,10.9.9.9", "198.51.100.1"],
    ["10.0.0.1", "118.130.130.26, 198.51.100.1, 192.0.2.7, 10.9.9.9", "198.51.100.1"],
    ["::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"],
    ["2001:db8:ffff::2", "2001:DB8::5", "2001:db8::5"],
    ["10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"],
    ["10.0.0.1", "118.130.130.26, evil", undefined],
    ["10.0.0.1", "118.130.130.26, ", undefined],
    ["10.0.0.1", "", undefined],
    ["10.0.0.1", "118.130.130.26:443", "118.130.130.26"],
    ["10.0.0.1", "118.130.130.26, 203.0.113.7:51234", "203.0.113.7"],
    ["10.0.0.1", "118.130.130.26, [2001:DB8::1]:443, 10.9.9.9:1024", "2001:db8::1"],
    ["10.0.0.1:50000", "[::ffff:198.51.100.1]:65535", "198.51.100.1"],
    ["10.0.0.1", "118.130.130.26:443:443", undefined],
    ["10.0.0.1", "203.0.113.7:0", undefined],
    ["10.0.0.1", "203.0.113.7:0443", undefined],
    ["10.0.0.1", "203.0.113.7:65536", undefined],
    ["10.0.0.1", "203.0.113.7:", undefined],
    ["10.0.0.1", "203.0.113.7:+443", undefined],
    ["10.0.0.1", "203.0.113.7 :443", undefined],
    ["10.0.0.1", "203.0.113:443", undefined],
    ["10.0.0.1", "[203.0.113.7]:443", undefined],
    ["10.0.0.1", "[2001:db8::1]", undefined],
    ["10.0.0.1", "[2001:db8::1]:99999", undefined],
    ["10.0.0.1", "[[2001:db8::1]]:443", undefined],
    ["10.0.0.1", "[2001:db8::1]443", undefined],
    ["10.0.0.1", '"118.130.130.26"', undefined],
    ["10.0.0.1", "unknown", undefined],
    [undefined, "118.130.130.26", undefined],
    ["no address", "118.130.130.26", undefined],
  ])("from peer %s with X-Forwarded-For %j is %s", (peer, forwardedFor, address) => {
    expect(addressBehindProxies(peer, forwardedFor, proxies)).toBe(address);
  });

  it("ignores X-Forwarded-For without trusted proxies", () => {
    expect(addressBehindProxies("10.0.0.1", "118.130.130.26", undefined)).toBe("10.0.0.1");
  });
});

it.each([
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["fe80::1%eth0", "fe80::1"],
  [" 203.0.113.9 ", "203.0.113.9"],
  ["2001:DB8::A", "2001:db8::a"],
  ["2001:db8::1:443", "2001:db8::1:443"],
  ["[fe80::1%eth0]:443", "fe80::1"],
  ["203.0.113", undefined],
  [undefined, undefined],
])("the address form %s is normalized to %s", (text, address) => {
  expect(plainAddress(text)).toBe(address);
});

it.each([
  ["203.0.113.9", "203.0.113.9"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8:1:2::9", "2001:db8:1:2"],
  ["2001:db8::9", "2001:db8:0:0"],
  ["2001:0db8:0001:0002::", "2001:db8:1:2"],
  ["::1", "0:0:0:0"],
])("the address %s is rate-limited as %s", (address, group) => {
  expect(addressGroup(address)).toBe(group);
});
