import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { exitCodes } from "../exit-codes.js";
import type { Text } from "../text.js";
import { type CheckResult, clockResult, fail, ok, warn } from "./check-result.js";

const timeoutMs = 7_000;

/** How far a connection came. */
export type Step = "dns" | "tcp" | "tls";

interface Progress {
  failing: Step;
  /** Once the connection is there. */
  protocol?: string;
}

/**
 * Checks whether the gateway can be reached and compares its clock, by one `HEAD /` without merchant data. Skipped if the gateway's
 * address is unknown.
 */
export async function checkGateway(origin: string | undefined): Promise<CheckResult[]> {
  if (origin === undefined) return [];
  const url = new URL("/", origin);
  const progress: Progress = { failing: isIP(url.hostname.replace(/^\[|\]$/g, "")) === 0 ? "dns" : "tcp" };
  const before = Date.now();
  const date = await dateHeader(url, progress).catch(codeOf);
  const { failing, protocol } = progress;
  if (protocol === undefined) {
    const { en, ko } = stepNames[failing];
    const text = {
      en: `${url.host} is not reached: ${en} failed (${date}).`,
      ko: `${url.host}에 연결할 수 없습니다: ${ko} 실패(${date})`,
    };
    return [fail("gateway", exitCodes.unreachable, text, unreachableAdvice(failing, url))];
  }
  const text = { en: `${url.host} answers (${protocol}).`, ko: `${url.host}에 연결됩니다(${protocol}).` };
  return [ok("gateway", text), clock(date, (before + Date.now()) / 2)];
}

function clock(date: number | string, nowMs: number): CheckResult {
  const check = "gateway-clock";
  if (typeof date === "string" || Number.isNaN(date)) {
    const text = { en: "The gateway did not tell the time.", ko: "결제사 서버의 시각을 알 수 없습니다." };
    return warn(check, text, {
      en: "Compare this machine's clock with another one.",
      ko: "이 컴퓨터의 시계를 따로 확인하세요.",
    });
  }
  const whose = { en: "the gateway's", ko: "결제사 시계" };
  // The header has whole seconds, so on average half a second is missing.
  return clockResult(check, whose, date + 500 - nowMs, exitCodes.failed, 1_000);
}

const stepNames: Readonly<Record<Step, Text>> = {
  dns: { en: "the DNS lookup", ko: "이름 조회(DNS)" },
  tcp: { en: "the connection", ko: "연결(TCP)" },
  tls: { en: "the TLS handshake", ko: "TLS 협상" },
};

/** The usual cause of a failure at a step, and what to do. */
export function unreachableAdvice(step: Step, { hostname, port, protocol }: URL): Text {
  if (/^(localhost|127\.|\[::1\])/.test(hostname)) {
    const command = `npx @payapi/sandbox --port ${port || (protocol === "https:" ? 443 : 80)}`;
    return { en: `Start the sandbox: ${command}`, ko: `샌드박스를 시작하세요: ${command}` };
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

function dateHeader(url: URL, progress: Progress): Promise<number> {
  const isSecure = url.protocol === "https:";
  const request = isSecure ? httpsRequest : httpRequest;
  const options = { method: "HEAD", agent: false, rejectUnauthorized: true, minVersion: "TLSv1.2" } as const;
  return new Promise((resolve, reject) => {
    const asked = request(url, options, (response) => {
      response.destroy();
      resolve(Date.parse(response.headers.date ?? ""));
    });
    const timer = setTimeout(() => asked.destroy(new Error("timeout")), timeoutMs);
    asked.once("close", () => clearTimeout(timer));
    asked.once("error", reject);
    asked.once("socket", (socket: Socket | TLSSocket) => {
      socket.once("lookup", (error: unknown) => {
        if (!error) progress.failing = "tcp";
      });
      socket.once("connect", () => {
        progress.failing = "tls";
        if (!isSecure) progress.protocol = "TCP";
      });
      socket.once("secureConnect", () => {
        progress.protocol = ("getProtocol" in socket && socket.getProtocol()) || "TLS";
      });
    });
    asked.end();
  });
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message ?? "unknown";
}
