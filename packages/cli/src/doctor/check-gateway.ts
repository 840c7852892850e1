import { lookup } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { exitCodes } from "../exit-codes.js";
import type { Text } from "../text.js";
import { type CheckResult, clockResult, fail, ok, warn } from "./check-result.js";

const timeoutMs = 7_000;

/** Whether the gateway can be reached and how its clock compares; nothing if its address is not known. */
export async function checkGateway(origin: string | undefined): Promise<CheckResult[]> {
  if (origin === undefined) return [];
  const reached = await checkReachability(new URL(origin));
  return reached.status === "ok" ? [reached, await checkClock(origin)] : [reached];
}

/** Name, TCP, TLS; no request. */
async function checkReachability(url: URL): Promise<CheckResult> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  let step: Step = "dns";
  try {
    await lookup(host);
    step = "tcp";
    const protocol = await handshake(url, host, () => {
      step = "tls";
    });
    const text = { en: `${url.host} answers (${protocol}).`, ko: `${url.host}에 연결됩니다(${protocol}).` };
    return ok("gateway", text);
  } catch (error) {
    const code = codeOf(error);
    const { en, ko } = stepNames[step];
    const text = {
      en: `${url.host} is not reached: ${en} failed (${code}).`,
      ko: `${url.host}에 연결할 수 없습니다: ${ko} 실패(${code})`,
    };
    return fail("gateway", exitCodes.unreachable, text, unreachableAdvice(step, url));
  }
}

export type Step = "dns" | "tcp" | "tls";

const stepNames: Readonly<Record<Step, Text>> = {
  dns: { en: "its name", ko: "이름 조회(DNS)" },
  tcp: { en: "the connection", ko: "연결(TCP)" },
  tls: { en: "the TLS handshake", ko: "TLS 협상" },
};

/** The usual cause of a failure at a step, and what to do. */
export function unreachableAdvice(step: Step, { hostname, port, protocol }: URL): Text {
  if (/^(localhost|127\.|\[::1\])/.test(hostname)) {
    return {
      en: `Start the sandbox: npx @payapi/sandbox --port ${port || (protocol === "https:" ? 443 : 80)}`,
      ko: `샌드박스를 시작하세요: npx @payapi/sandbox --port ${port || (protocol === "https:" ? 443 : 80)}`,
    };
  }
  if (step === "dns") {
    return { en: "Check the DNS servers of this machine.", ko: "이 컴퓨터의 DNS 설정을 확인하세요." };
  }
  const blocked = {
    en: "The gateway blocks addresses outside Korea until the merchant asks for an exception: ip-block@welcomepayments.co.kr, with service, MID, country and address range. Or a firewall of yours blocks port 443.",
    ko: "결제사는 해외 IP를 차단합니다. ip-block@welcomepayments.co.kr로 서비스, MID, 국가, IP 대역을 보내 예외를 신청하세요. 아니면 자체 방화벽이 443 포트를 막고 있습니다.",
  };
  if (step === "tcp") return blocked;
  return {
    en: `Its certificate was not trusted, or the handshake was cut off: a proxy in between, or old certificate authorities. ${blocked.en}`,
    ko: `인증서를 신뢰할 수 없거나 협상이 끊겼습니다. 중간 프록시나 오래된 인증기관 목록을 확인하세요. ${blocked.ko}`,
  };
}

function handshake(url: URL, host: string, onConnected: () => void): Promise<string> {
  const secure = url.protocol === "https:";
  const port = Number(url.port) || (secure ? 443 : 80);
  return new Promise((resolve, reject) => {
    const socket: Socket | TLSSocket = secure
      ? connectTls({
          host,
          port,
          rejectUnauthorized: true,
          minVersion: "TLSv1.2",
          ALPNProtocols: ["http/1.1"],
          servername: host,
        })
      : connectTcp({ host, port });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(new Error("timeout"))), timeoutMs);
    socket.once("connect", onConnected);
    socket.once("error", (error) => end(() => reject(error)));
    socket.once("close", () => end(() => reject(new Error("closed"))));
    socket.once(secure ? "secureConnect" : "connect", () => {
      const protocol = "getProtocol" in socket ? (socket.getProtocol() ?? "TLS") : "TCP";
      end(() => resolve(protocol));
    });
  });
}

/** The gateway's clock, as its web server reports it: `HEAD /`, which names no merchant. */
async function checkClock(origin: string): Promise<CheckResult> {
  const check = "gateway-clock";
  const before = Date.now();
  const date = await dateHeader(new URL("/", origin)).catch(() => Number.NaN);
  const after = Date.now();
  if (Number.isNaN(date)) {
    const text = { en: "The gateway did not tell the time.", ko: "결제사 서버의 시각을 알 수 없습니다." };
    return warn(check, text, {
      en: "Compare this machine's clock with another one.",
      ko: "이 컴퓨터의 시계를 따로 확인하세요.",
    });
  }
  const whose = { en: "the gateway's", ko: "결제사 시계" };
  // The header counts whole seconds: on average half of one has passed.
  return clockResult(check, whose, date + 500 - (before + after) / 2, exitCodes.failed, 1_000);
}

function dateHeader(url: URL): Promise<number> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "HEAD", agent: false, timeout: timeoutMs }, (response) => {
      response.destroy();
      resolve(Date.parse(response.headers.date ?? ""));
    });
    asked.once("timeout", () => asked.destroy(new Error("timeout")));
    asked.once("error", reject);
    asked.end();
  });
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message ?? "unknown";
}
