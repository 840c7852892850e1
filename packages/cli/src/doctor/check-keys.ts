import { isPayApiError, type PayApi, type PayApiError } from "@payapi/core";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import type { Settings } from "../settings.js";
import type { Text } from "../text.js";
import { type CheckResult, fail, ok, warn } from "./check-result.js";

const { configuration } = exitCodes;

/** A prefix of test cards; the lookup reads a table of the gateway's and nothing else. */
const prefix = "411111";

/** No card has this number, so no key can be issued for it. */
const noCard = { cardNumber: "0000000000000000", cardExpireYY: "99", cardExpireMM: "12" } as const;

/**
 * Proves the merchant id and the sign key by a lookup of a card prefix, which moves nothing. With `proveFieldKey` also the field key, by a
 * request for a billing key of a card that does not exist: its signature covers the number that the gateway decrypts.
 */
export async function checkKeys(
  settings: Settings,
  { proveFieldKey }: { readonly proveFieldKey: boolean },
): Promise<CheckResult[]> {
  const payapi = clientOf(settings);
  if (payapi === undefined) return [];
  const asked = await errorOf(() => payapi.cards.lookupPrefix({ cardNumber: prefix }));
  // The connection has a check of its own.
  if (asked?.outcome === "not-sent") return [];
  const signature = signatureResult(asked);
  if (signature.status !== "ok") return [signature];
  if (proveFieldKey) return [signature, await fieldKeyResult(payapi)];
  const text = {
    en: "The field key and its iv were not proven.",
    ko: "필드 암호화 키와 IV는 확인하지 않았습니다.",
  };
  return [signature, warn("field-key", text, proveAdvice)];
}

const proveAdvice: Text = {
  en: "`payapi doctor --prove-field-key` sends one request for a billing key of a card that does not exist. It moves no money and needs service 3.2.",
  ko: "`payapi doctor --prove-field-key`는 없는 카드번호로 빌키 발급을 한 번 요청합니다. 결제되지 않으며 3.2 서비스가 필요합니다.",
};

function signatureResult(error: PayApiError | undefined): CheckResult {
  const check = "sign-key";
  if (error === undefined) {
    return ok(check, {
      en: "The gateway accepts mid and sign key.",
      ko: "결제사가 상점 ID와 signKey를 확인했습니다.",
    });
  }
  const said = saidBy(error);
  if (error.code === "setup-fault" || error.code === "request-rejected") {
    const text = {
      en: `The gateway rejects mid or sign key${said}.`,
      ko: `결제사가 상점 ID 또는 signKey를 거절했습니다${said}.`,
    };
    return fail(check, configuration, text, {
      en: "Use the mid and the sign key of the same account and environment: wbiz.paywelcome.co.kr, 상점정보 > 계약정보 > 부가정보 > 웹결제 signkey. Until then every payment fails.",
      ko: "같은 계정과 환경의 상점 ID와 signKey인지 확인하세요(wbiz.paywelcome.co.kr, 상점정보 > 계약정보 > 부가정보 > 웹결제 signkey). 그때까지 모든 결제가 실패합니다.",
    });
  }
  const text = {
    en: `The gateway gave no answer that proves mid and sign key (${error.code}${said}).`,
    ko: `상점 ID와 signKey를 확인할 수 있는 응답이 없습니다(${error.code}${said}).`,
  };
  return warn(check, text, {
    en: "Run it again. If it stays so, ask the gateway whether service 5.1 is activated for the mid.",
    ko: "다시 실행하세요. 계속되면 이 상점 ID에 5.1 서비스가 열려 있는지 결제사에 문의하세요.",
  });
}

async function fieldKeyResult(payapi: PayApi): Promise<CheckResult> {
  const check = "field-key";
  const buyer = { buyerName: "doctor", buyerTel: "01000000000", buyerEmail: "doctor@example.com" };
  const error = await errorOf(() => payapi.billing.issueKeyWithoutAuthentication({ ...noCard, ...buyer }));
  if (error?.code === "refused") {
    return ok(check, {
      en: `The gateway decrypts with the field key${saidBy(error)}.`,
      ko: `결제사가 필드 암호화 키로 복호화했습니다${saidBy(error)}.`,
    });
  }
  if (error?.code === "setup-fault") {
    const text = {
      en: `The gateway cannot decrypt with the field key or its iv${saidBy(error)}.`,
      ko: `결제사가 필드 암호화 키 또는 IV로 복호화하지 못했습니다${saidBy(error)}.`,
    };
    return fail(check, configuration, text, {
      en: "Use the field key and iv as issued for this mid; don't decode them.",
      ko: "이 상점 ID로 발급된 필드 암호화 키와 IV를 변환하지 말고 그대로 사용하세요.",
    });
  }
  const text = {
    en: `The gateway gave no answer that proves the field key (${error?.code ?? "succeeded"}${saidBy(error)}).`,
    ko: `필드 암호화 키를 확인할 수 있는 응답이 없습니다(${error?.code ?? "succeeded"}${saidBy(error)}).`,
  };
  return warn(check, text, {
    en: "Ask the gateway whether service 3.2 is activated for the mid.",
    ko: "이 상점 ID에 3.2 서비스가 열려 있는지 결제사에 문의하세요.",
  });
}

/** Wrong settings are reported with the configuration. */
function clientOf(settings: Settings): PayApi | undefined {
  try {
    return settings.payapi();
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

async function errorOf(call: () => Promise<unknown>): Promise<PayApiError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (isPayApiError(error)) return error;
    throw error;
  }
}

function saidBy(error: PayApiError | undefined): string {
  const { resultCode = "", resultMessage = "" } = error ?? {};
  const said = `${resultCode} ${resultMessage}`.trim();
  return said === "" ? "" : `: ${said}`;
}
