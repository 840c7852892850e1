import { describe, expect, it } from "vitest";
import { createPayApi, type PayApiConfig, type Transport, TransportError } from "../src/index.js";
import { sandboxClient } from "./support/merchant.js";

const production: PayApiConfig = {
  mid: "welcome123",
  signKey: "c2VjcmV0LXNpZ24ta2V5",
  fieldKey: "abcdefghijklmnopqrstuvwxyz012345",
  fieldIv: "abcdefghijklmnop",
  environment: "production",
};

/** Asks for an approval at a URL, over a transport that only notes where it was sent. */
async function askedHosts(reqUrl: string, config: Partial<PayApiConfig> = {}): Promise<string[]> {
  const asked: string[] = [];
  const transport: Transport = async ({ url }) => {
    asked.push(url.host);
    throw new TransportError("not-sent", false, "far enough");
  };
  const payapi =
    config.environment === "sandbox"
      ? sandboxClient({ ...config, transport })
      : createPayApi({ ...production, ...config, transport });
  const form = new URLSearchParams({ P_STATUS: "00", P_TID: "T1", P_REQ_URL: reqUrl });
  try {
    const pageReturn = await payapi.page.readReturn(form);
    await payapi.page.approve(pageReturn, { oid: "order-1", price: 1_000, payType: "card" });
  } catch (error) {
    expect(error).toMatchObject({ outcome: "not-sent" });
    const text = `${String(error)} ${JSON.stringify(error)}`;
    if (reqUrl.length > 12) expect(text).not.toContain(reqUrl);
  }
  return asked;
}

const host = "mobile.paywelcome.co.kr";
const evil = "evil.example";

const otherHosts = [
  evil,
  "paywelcome.co.kr",
  "co.kr",
  "kr",
  "localhost",
  "paywelcome.co.kr.evil.example",
  "mobile.paywelcome.co.kr.evil.example",
  "mobile.paywelcome.co.kr-evil.example",
  "evilpaywelcome.co.kr",
  "mobile.evilpaywelcome.co.kr",
  "mobile-paywelcome.co.kr",
  "mobile.paywelcome.com",
  "mobile.paywelcome.kr",
  "mobile.paywelcome.co",
  "mobile.paywelcome.co.krx",
  "mobile.paywelcome.co.kr.",
  "mobile.paywelcome.co.kr..",
  "mobile..paywelcome.co.kr",
  ".paywelcome.co.kr",
  "..paywelcome.co.kr",
  "a.b.paywelcome.co.kr",
  "-mobile.paywelcome.co.kr",
  "mobile-.paywelcome.co.kr",
  "mob_ile.paywelcome.co.kr",
  "*.paywelcome.co.kr",
  "MOBILE.paywelcome.co.kr",
  "mobile.PAYWELCOME.co.kr",
  "mobile.paywelcome.co.KR",
  "mobile.paywelcоme.co.kr",
  "mobile.pаywelcome.co.kr",
  "mobile.paywelcome.cо.kr",
  "móbile.paywelcome.co.kr",
  "모바일.paywelcome.co.kr",
  "mobile。paywelcome。co。kr",
  "mobile.paywelcome.co。kr",
  "mobile．paywelcome.co.kr",
  "mobile｡paywelcome.co.kr",
  "ｍobile.paywelcome.co.kr",
  "mobile.paywelcome.co.ⓚr",
  "mobile.paywelcome.co.kr\u00ad",
  "mobile.pay\u200bwelcome.co.kr",
  "xn--mobile-x.paywelcome.co.kr",
  "xn--.paywelcome.co.kr",
  "xn--v52b2zk4w.paywelcome.co.kr",
  "mobile%2epaywelcome.co.kr",
  "mobile.paywelcome%2eco.kr",
  "mobile.paywelcome.co%2Ekr",
  "%6dobile.paywelcome.co.kr",
  "mobile.paywelcome.co.kr%2eevil.example",
  "evil.example%2f.paywelcome.co.kr",
  "evil.example%23.paywelcome.co.kr",
  "evil.example%00.paywelcome.co.kr",
  "evil.example%40mobile.paywelcome.co.kr",
  "127.0.0.1",
  "10.0.0.1",
  "169.254.169.254",
  "0.0.0.0",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "017700000001",
  "127.1",
  "１２７.0.0.1",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[fe80::1%25eth0]",
  "[2001:db8::1]",
  `${"a".repeat(64)}.paywelcome.co.kr`,
];

const hostile = [
  ...otherHosts.map((name) => `https://${name}/smart/approve`),
  // A host that would do, with something before, after or around it.
  ...[
    "user@",
    "user:pass@",
    ":pass@",
    "@",
    "%40",
    `${evil}@`,
    `${evil}:443@`,
    `${evil}%2f@`,
    `${host}@`,
    "a@b@",
    "\\@",
    `${evil}\\`,
    `${evil}\\@`,
    `${evil}\\.`,
    `${evil}/`,
    `${evil}//`,
    `${evil}?`,
    `${evil}#`,
    `${evil}#@`,
    `${evil}?@`,
    `${evil};`,
    `${evil},`,
    `${evil}&`,
    `${evil} `,
    `${evil}%20`,
    `${evil}\t`,
    " ",
    "\t",
    "/",
    "//",
    "\\",
    "\\\\",
    "[",
  ].map((before) => `https://${before}${host}/smart/approve`),
  ...[
    `@${evil}`,
    `:443@${evil}`,
    `:pass@${evil}`,
    `%40${evil}`,
    `\\@${evil}`,
    `\\${evil}`,
    `.${evil}`,
    `%2e${evil}`,
    `%00.${evil}`,
    `\t.${evil}`,
    `\n.${evil}`,
    `\r\n.${evil}`,
    `\t@${evil}`,
    `&@${evil}`,
    `#@${evil}`,
    "#",
    "#x",
    "/x#y",
    "\\",
    "/\\",
    "/x\\y",
    "/x y",
    "/x\ty",
    "/x\ny",
    "/x\r\nHost: evil",
    "/\u00e9",
    "/한글",
    "/\u0000",
    "/\ud800",
    ";",
    ",",
    "]",
    "..",
    "./x",
    ":/x",
  ].map((after) => `https://${host}${after}`),
  ...[
    "0",
    "1",
    "22",
    "80",
    "444",
    "4430",
    "8080",
    "8443",
    "44",
    "0443",
    "00443",
    "+443",
    "-443",
    "443 ",
    "%3443",
    "443:443",
    "443.",
    "65535",
    "65536",
    "99999",
    "x",
    "４４３",
    "",
  ].map((port) => `https://${host}:${port}/smart/approve`),
  ...[
    "http:",
    "HTTPS:",
    "Https:",
    "httpss:",
    "ftp:",
    "ws:",
    "wss:",
    "file:",
    "data:",
    "javascript:",
    "blob:https:",
    "view-source:https:",
    "jar:https:",
    "gopher:",
    "unix:",
    "https:http:",
    "",
    " https:",
    "\thttps:",
    "\nhttps:",
    "ht\ttps:",
    "https\u200b:",
    "https :",
  ].map((scheme) => `${scheme}//${host}/smart/approve`),
  ...[
    `https:${host}/smart/approve`,
    `https:/${host}/smart/approve`,
    `https:///${host}/smart/approve`,
    `https:\\\\${host}/smart/approve`,
    `https:/\\${host}/smart/approve`,
    `https:\\/${host}/smart/approve`,
    host,
    `${host}/smart/approve`,
    "/smart/approve",
    "approve",
    "https:",
    "https://",
    "https:///",
    "https://?",
    "https://#",
    "https://:443",
    " ",
    "null",
    "undefined",
    "about:blank",
    "javascript:alert(1)",
    "data:text/plain,P_STATUS=00",
    `//${host}/smart/approve`,
    `\\\\${host}\\approve`,
    `https://${host}/${"x".repeat(2048)}`,
    `https://${evil}/https://${host}/smart/approve`,
    `https://${evil}/?https://${host}/smart/approve`,
    `https://${evil}/#https://${host}/smart/approve`,
    `${`https://${host}/smart/approve`}\n`,
    ` https://${host}/smart/approve`,
    `https://${host}/smart/approve `,
    `"https://${host}/smart/approve"`,
    `<https://${host}/smart/approve>`,
  ],
];

describe("a hostile P_REQ_URL", () => {
  it("is tested in at least 200 variants", () => expect(new Set(hostile).size).toBeGreaterThanOrEqual(200));

  it.each(hostile.map((url) => [url]))("%j is rejected in production", async (url) => {
    expect(await askedHosts(url)).toEqual([]);
  });

  it("is rejected with listed hosts and in the sandbox environment", async () => {
    for (const url of hostile) {
      expect(await askedHosts(url, { pageHosts: [host] })).toEqual([]);
      expect(await askedHosts(url, { environment: "sandbox" })).toEqual([]);
    }
  });
});

describe("a genuine P_REQ_URL", () => {
  it.each([
    `https://${host}/smart/approve`,
    `https://${host}:443/smart/approve`,
    `https://${host}/smart/a/b.jsp?x=1&y=%ED%95%9C&z=a@b:c`,
    "https://tmobile.paywelcome.co.kr/smart/payReq.ini",
    "https://m-1.paywelcome.co.kr/smart/x",
    "https://1.paywelcome.co.kr/smart/x",
  ])("%s is called", async (url) => {
    expect(await askedHosts(url)).toEqual([new URL(url).host]);
    expect(await askedHosts(url, { environment: "test" })).toEqual([new URL(url).host]);
  });

  it.each([
    "",
    "/",
    "/smart",
    "/smart2/x",
    "/SMART/x",
    "/x/smart/x",
    "/no-such-page",
    "/?/smart/x",
    "//smart/x",
    "/smart/../x",
    "/smart/..%2fx",
    "/smart/%2e%2e/x",
    "/smart/%252e%252e/x",
    "/%73mart/x",
  ])("is rejected with the path %j, since the path comes through the browser too", async (path) => {
    expect(await askedHosts(`https://${host}${path}`)).toEqual([]);
    const sandbox = { environment: "sandbox", baseUrl: "http://127.0.0.1:4010" } as const;
    expect(await askedHosts(`${sandbox.baseUrl}${path}`, sandbox)).toEqual([]);
  });

  it("may have another path if it is configured", async () => {
    const pagePaths = ["/pay/", "/smart2/pay/"];
    for (const path of ["/pay/x", "/smart2/pay/x"]) {
      expect(await askedHosts(`https://${host}${path}`, { pagePaths })).toEqual([host]);
    }
    for (const path of ["/smart/x", "/smart2/x", "/pay"]) {
      expect(await askedHosts(`https://${host}${path}`, { pagePaths })).toEqual([]);
    }
  });

  it("must be listed if hosts are listed", async () => {
    const pageHosts = [host, "pay.example.com"];
    expect(await askedHosts(`https://${host}/smart/x`, { pageHosts })).toEqual([host]);
    expect(await askedHosts("https://pay.example.com/smart/x", { pageHosts })).toEqual(["pay.example.com"]);
    for (const other of ["fake.paywelcome.co.kr", "x.pay.example.com", "pay.example.com.evil.example"]) {
      expect(await askedHosts(`https://${other}/smart/x`, { pageHosts })).toEqual([]);
    }
  });

  it("must be the sandbox's own origin in the sandbox environment", async () => {
    const config = { environment: "sandbox", baseUrl: "http://127.0.0.1:4010" } as const;
    for (const url of ["http://127.0.0.1:4010/smart/x?y=1", "http://127.0.0.1:4010/smart/"]) {
      expect(await askedHosts(url, config)).toEqual(["127.0.0.1:4010"]);
    }
    for (const url of [
      `https://${host}/smart/x`,
      "http://127.0.0.1:4011/smart/x",
      "http://127.0.0.1:40100/smart/x",
      "http://127.0.0.1:4010.evil.example/smart/x",
      "http://127.0.0.1:4010@evil.example/smart/x",
      "http://127.0.0.1:4010\\@evil.example/smart/x",
      "http://user@127.0.0.1:4010/smart/x",
      "http://127.0.0.1:4010/smart/x#x",
      "http://127.0.0.1/smart/x",
      "http://localhost:4010/smart/x",
      "http://127.1:4010/smart/x",
      "http://0x7f.0.0.1:4010/smart/x",
      "http://2130706433:4010/smart/x",
      "http://127.0.0.2:4010/smart/x",
      "http://[::1]:4010/smart/x",
      "https://127.0.0.1:4010/smart/x",
      "HTTP://127.0.0.1:4010/smart/x",
      "http:/127.0.0.1:4010/smart/x",
      "http://127.0.0.1:04010/x",
      "http://127.0.0.1:4010\t/smart/x",
    ]) {
      expect(await askedHosts(url, config), url).toEqual([]);
    }
  });
});

describe("pageHosts", () => {
  it.each([
    [[]],
    ["mobile.paywelcome.co.kr"],
    [["*.paywelcome.co.kr"]],
    [["Mobile.paywelcome.co.kr"]],
    [["https://mobile.paywelcome.co.kr"]],
    [["mobile.paywelcome.co.kr:443"]],
    [["mobile.paywelcome.co.kr."]],
    [["127.0.0.1"]],
    [["localhost"]],
    [[7]],
  ])("rejects %j", (pageHosts) => {
    expect(() => createPayApi({ ...production, pageHosts: pageHosts as never })).toThrow(
      expect.objectContaining({
        code: "invalid-config",
        problems: [expect.objectContaining({ field: "pageHosts" })],
      }),
    );
  });
});
