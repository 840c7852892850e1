import { hashSignKey, signFields } from "@payapi/core/crypto";
import { operationList } from "@payapi/core/operations";
import { type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { usage } from "../failure.js";
import { oneOf } from "../options.js";
import { fields as fieldLines } from "../output.js";
import { missing as missingVariable, type Settings, wrongConfiguration } from "../settings.js";
import { readPairs } from "../signature-input.js";
import {
  commonMistakes,
  pairsInOrder,
  pairsOf,
  type SignedPair,
  sameText,
  shownText,
} from "../signature-text.js";
import type { Text } from "../text.js";

const mistakes: Readonly<Record<string, Text>> = {
  "alphabetical-order": {
    en: "the fields were signed in alphabetical order",
    ko: "필드를 알파벳 순서로 서명함",
  },
  "sign-key-not-hashed": {
    en: "the sign key itself was used instead of its SHA-256",
    ko: "mkey 자리에 signKey 원문을 사용함",
  },
  "mkey-in-upper-case": { en: "the mkey is in upper-case hex", ko: "mkey를 대문자 16진수로 사용함" },
  "without-mkey": { en: "the mkey is missing", ko: "mkey가 빠짐" },
  "values-url-encoded": {
    en: "the values were URL-encoded before signing",
    ko: "값을 URL 인코딩한 뒤 서명함",
  },
  "card-number-encrypted": { en: "the card number was signed encrypted", ko: "암호화된 카드번호를 서명함" },
  "signature-in-upper-case": { en: "the signature is in upper-case hex", ko: "서명을 대문자 16진수로 만듦" },
};

/** Whether a signature is right. */
export const verifySignature: Command = {
  name: "verify-signature",
  summary: {
    en: "whether a request's signature is right, what it covers, and the usual mistakes",
    ko: "요청 서명 검증, 서명 범위와 흔한 실수 확인",
  },
  notes: {
    en: "Fields as arguments or on standard input, one name=value per line, not URL-encoded. The signature and a card number only on standard input: with the signature of a cancel anyone can cancel. Without --operation the fields are signed in the order given, the mkey after the mid.",
    ko: "필드는 인수 또는 표준 입력으로 한 줄에 name=value 하나씩, URL 인코딩 없이 입력합니다. 서명과 카드번호는 표준 입력으로만 받습니다. --operation이 없으면 입력 순서대로, mkey는 mid 다음에 서명합니다.",
  },
  forms: [
    form({
      words: ["[name=value ...]"],
      options: {
        operation: oneOf(
          "NAME",
          operationList.map(({ name }) => name),
          {
            en: "the service, such as payments.cancel, which says what is signed in which order",
            ko: "서비스 이름, 예: payments.cancel(서명 대상과 순서를 결정)",
          },
        ),
      },
      async run(call) {
        const { settings, options } = call;
        const signKey = settings.get("signKey");
        if (signKey === undefined) {
          throw wrongConfiguration([
            missingVariable("signKey", {
              en: "it is made in the merchant admin",
              ko: "상점 관리자에서 만든 값",
            }),
          ]);
        }
        const { fields, signature } = await readPairs(call);
        const mid = settings.get("mid");
        if (mid !== undefined && !fields.has("mid")) fields.set("mid", mid);
        const mkey = hashSignKey(signKey);
        const operation = operationList.find(({ name }) => name === options.operation);
        const { pairs, missing, notSigned } =
          operation === undefined
            ? { pairs: pairsInOrder(fields, mkey), missing: [], notSigned: [] }
            : pairsOf(operation, fields, mkey);
        if (missing.length > 0) {
          throw usage(
            `These signed fields are missing: ${missing.join(", ")}.`,
            `서명에 필요한 필드가 없습니다: ${missing.join(", ")}`,
          );
        }
        const expected = signed(pairs);
        const matches = sameText(signature, expected);
        const mistake = matches ? undefined : mistakeIn(settings, pairs, signature, expected, signKey);
        const signedText = shownText(pairs);
        const result = { matches, operation: options.operation ?? null, signedText, notSigned };
        return report({ ...result, mistake: mistake ?? null });
      },
    }),
  ],
};

interface Verified {
  readonly matches: boolean;
  readonly operation: string | null;
  readonly signedText: string;
  readonly notSigned: readonly string[];
  readonly mistake: string | null;
}

function report(result: Verified): Report {
  const { matches, signedText, notSigned, mistake } = result;
  const text = matches
    ? { en: "The signature is right.", ko: "서명이 올바릅니다." }
    : { en: "The signature is WRONG for this text and key.", ko: "이 내용과 키로 만든 서명이 아닙니다." };
  return {
    exitCode: matches ? exitCodes.ok : exitCodes.failed,
    result: { ...result },
    lines: [
      text,
      fieldLines([
        [{ en: "signed text", ko: "서명 대상" }, signedText],
        [{ en: "not covered", ko: "서명되지 않음" }, notSigned.join(", ")],
        [{ en: "mistake", ko: "원인" }, mistake === null ? undefined : (mistakes[mistake] ?? mistake)],
      ]),
    ],
    problem: matches ? undefined : { code: "signature-differs", text },
  };
}

function signed(pairs: readonly SignedPair[]): string {
  try {
    return signFields(pairs.map(({ name, value }) => [name, value] as const));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw usage(error.message, `서명할 수 없는 값입니다("&", "=", 제어 문자). ${error.message}`);
  }
}

function mistakeIn(
  settings: Settings,
  pairs: readonly SignedPair[],
  signature: string,
  expected: string,
  signKey: string,
): string | undefined {
  const [fieldKey, fieldIv] = [settings.get("fieldKey"), settings.get("fieldIv")];
  const keys = { signKey, ...(fieldKey && fieldIv ? { fieldKey, fieldIv } : {}) };
  const candidates = [
    ...commonMistakes(pairs, keys),
    ["signature-in-upper-case", expected.toUpperCase()] as const,
  ];
  return candidates.find(([, candidate]) => sameText(signature, candidate))?.[0];
}
