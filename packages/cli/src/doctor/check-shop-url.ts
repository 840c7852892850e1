import { exitCodes } from "../exit-codes.js";
import type { Text } from "../text.js";
import { type CheckResult, fail, ok } from "./check-result.js";

const check = "shop-url";
const timeoutMs = 7_000;

/**
 * Checks that the gateway's notifications reach the shop: `GET` of their address, which the handler answers with 405 and `Allow: POST`. It
 * changes nothing. Redirects, login pages and incomplete certificate chains keep notifications away.
 */
export async function checkShopUrl(url: string | undefined): Promise<CheckResult[]> {
  if (url === undefined) return [];
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    return [failed({ en: "--shop-url is not a URL.", ko: "--shop-url 값이 URL이 아닙니다." }, urlAdvice)];
  }
  const address = `${url.replace(/\/+$/, "")}/notifications/mobile`;
  try {
    const answer = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    await answer.body?.cancel();
    return [resultOf(answer)];
  } catch (error) {
    const code = codeOf(error);
    const text = {
      en: `The shop's address is not reached (${code}).`,
      ko: `상점 주소에 연결할 수 없습니다(${code}).`,
    };
    return [failed(text, /CERT|SIGNATURE|ISSUER|SSL|TLS/.test(code) ? chainAdvice : urlAdvice)];
  }
}

function resultOf({ status, headers }: Response): CheckResult {
  if (status === 405 && headers.get("allow")?.includes("POST") === true) {
    return ok(check, {
      en: "The notification address answers from outside, without a redirect or login.",
      ko: "알림 주소가 리디렉션이나 로그인 없이 응답합니다.",
    });
  }
  if (status >= 300 && status < 400) {
    const host = hostOf(headers.get("location"));
    const text = {
      en: `The notification address redirects (HTTP ${status}${host}).`,
      ko: `알림 주소가 다른 곳으로 이동합니다(HTTP ${status}${host}).`,
    };
    return failed(text, {
      en: "The gateway does not follow redirects. Register the final address (https, www or not), and let it pass any login.",
      ko: "결제사는 리디렉션을 따라가지 않습니다. 최종 주소(https, www 여부)를 등록하고 로그인 없이 열리게 하세요.",
    });
  }
  const text = {
    en: `The notification address answers HTTP ${status}, which is not the handler's answer.`,
    ko: `알림 주소가 HTTP ${status}로 응답합니다. 결제 핸들러의 응답이 아닙니다.`,
  };
  return failed(text, urlAdvice);
}

const urlAdvice: Text = {
  en: "Give publicUrl and basePath, such as https://shop.example/payments. The group notifications must be mounted there, with no login or firewall in front of it.",
  ko: "publicUrl과 basePath를 합친 주소(예: https://shop.example/payments)를 넣으세요. notifications 그룹이 그 경로에 있고 앞에 로그인이나 방화벽이 없어야 합니다.",
};

const chainAdvice: Text = {
  en: "Send the whole certificate chain (fullchain.pem): browsers fill in a missing intermediate certificate, the gateway may not.",
  ko: "중간 인증서까지 포함한 전체 체인(fullchain.pem)을 설정하세요. 브라우저와 달리 결제사는 빠진 인증서를 찾지 않을 수 있습니다.",
};

function failed(text: Text, advice: Text): CheckResult {
  return fail(check, exitCodes.failed, text, advice);
}

/** Only the host: an address may carry a session. */
function hostOf(location: string | null): string {
  return location !== null && URL.canParse(location) ? `, ${new URL(location).host}` : "";
}

function codeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name: string };
  return typeof cause?.code === "string" ? cause.code : name;
}
