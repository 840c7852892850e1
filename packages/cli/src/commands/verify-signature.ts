import { hashSignKey, signFields } from "@payapi/core/crypto";
import type { Call, Command } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { fields as fieldLines } from "../output.js";
import { optional } from "../read-options.js";
import { readPairs } from "../read-pairs.js";
import { variables } from "../settings.js";
import {
  commonMistakes,
  operationNamed,
  pairsInOrder,
  pairsOf,
  type SignedPair,
  sameText,
  shownText,
} from "../signature-text.js";
import type { Text } from "../words.js";

const mistakes: Readonly<Record<string, Text>> = {
  "alphabetical-order": {
    en: "the fields were signed in alphabetical order",
    ko: "필드를 알파벳 순서로 서명함",
  },
  "sign-key-not-hashed": {
    en: "the sign key itself stands where its SHA-256 belongs",
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
  summary: { en: "whether a request's signature is right, and what it covers", ko: "요청 서명 검증" },
  usage: ["verify-signature [--operation NAME] [name=value ...] < signature"],
  arguments: Number.POSITIVE_INFINITY,
  options: {
    operation: {
      type: "string",
      value: "NAME",
      help: {
        en: "the service, such as payments.cancel, which says what is signed in which order",
        ko: "서비스 이름, 예: payments.cancel (서명 대상과 순서를 결정)",
      },
    },
  },
  notes: {
    en: "Fields as arguments or on standard input, one name=value per line, not URL-encoded. The signature and a card number only on standard input: signatures open cancels. Without --operation the fields are signed in the order given, the mkey after the mid.",
    ko: "필드는 인수 또는 표준 입력으로 한 줄에 name=value 하나씩, URL 인코딩 없이 입력합니다. 서명과 카드번호는 표준 입력으로만 받습니다. --operation이 없으면 입력 순서대로, mkey는 mid 다음에 서명합니다.",
  },
  async run(call) {
    const name = optional(call, "operation");
    const operation = name === undefined ? undefined : operationNamed(name);
    const signKey = requiredSignKey(call);
    const { fields, signature } = await readPairs(call);
    const mid = call.settings.get("mid");
    if (mid !== undefined && !fields.has("mid")) fields.set("mid", mid);

    const mkey = hashSignKey(signKey);
    const { pairs, missing, notSigned } =
      operation === undefined
        ? { pairs: pairsInOrder(fields, mkey), missing: [], notSigned: [] }
        : pairsOf(operation, fields, mkey);
    if (missing.length > 0) {
      throw usage(
        `These fields are signed and missing: ${missing.join(", ")}.`,
        `서명에 필요한 필드가 없습니다: ${missing.join(", ")}`,
      );
    }
    const expected = signed(pairs);
    const matches = sameText(signature, expected);
    const mistake = matches ? undefined : mistakeIn(call, pairs, signature, expected, signKey);
    const text = shownText(pairs);
    return {
      exitCode: matches ? exitCodes.ok : exitCodes.failed,
      result: { matches, operation: name ?? null, signedText: text, notSigned, mistake: mistake ?? null },
      lines: [
        matches
          ? call.say({ en: "The signature is right.", ko: "서명이 올바릅니다." })
          : call.say({
              en: "The signature is WRONG for this text and key.",
              ko: "이 내용과 키로 만든 서명이 아닙니다.",
            }),
        ...fieldLines([
          [call.say({ en: "signed text", ko: "서명 대상" }), text],
          [
            call.say({ en: "not covered", ko: "서명되지 않음" }),
            notSigned.length > 0 ? notSigned.join(", ") : undefined,
          ],
          [
            call.say({ en: "mistake", ko: "원인" }),
            mistake && call.say(mistakes[mistake] ?? { en: mistake, ko: mistake }),
          ],
        ]),
      ],
      ...(matches
        ? {}
        : {
            problem: {
              code: "signature-differs",
              text: { en: "The signature is wrong.", ko: "서명이 올바르지 않습니다." },
            },
          }),
    };
  },
};

function requiredSignKey(call: Call): string {
  const signKey = call.settings.get("signKey");
  if (signKey !== undefined) return signKey;
  throw new Failure(
    exitCodes.configuration,
    "invalid-config",
    { en: "The configuration is wrong; nothing was done.", ko: "설정이 올바르지 않습니다." },
    { details: [{ name: variables.signKey, message: "is missing; it is made in the merchant admin" }] },
  );
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
  call: Call,
  pairs: readonly SignedPair[],
  signature: string,
  expected: string,
  signKey: string,
): string | undefined {
  const [fieldKey, fieldIv] = [call.settings.get("fieldKey"), call.settings.get("fieldIv")];
  const keys = { signKey, ...(fieldKey && fieldIv ? { fieldKey, fieldIv } : {}) };
  const candidates = [
    ...commonMistakes(pairs, keys),
    ["signature-in-upper-case", expected.toUpperCase()] as const,
  ];
  return candidates.filter(([, candidate]) => sameText(signature, candidate)).map(([name]) => name)[0];
}
