import { hashSignKey, signFields } from "@payapi/core/crypto";
import { type Operation, operationList } from "@payapi/core/operations";
import { type Call, type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { usage } from "../failure.js";
import { oneOf, required } from "../options.js";
import { fields as fieldLines } from "../output.js";
import { missing as missingVariable, wrongConfiguration } from "../settings.js";
import { commonMistakes, pairsOf, type SignedPair, shownText } from "../signature-text.js";
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
    en: "Reads the request's fields and its signature from standard input, one name=value per line, not URL-encoded; never from arguments, since anyone can cancel with the signature of a cancel.",
    ko: "요청 필드와 signature를 표준 입력으로 한 줄에 name=value 하나씩, URL 인코딩 없이 받습니다. 취소 요청의 서명이 있으면 누구나 취소할 수 있으므로 인수로는 받지 않습니다.",
  },
  forms: [
    form({
      args: [],
      options: {
        operation: required(
          oneOf(
            "NAME",
            operationList.map(({ name }) => name),
            {
              en: "the service, such as payments.cancel, which says what is signed in which order",
              ko: "서비스 이름, 예: payments.cancel(서명 대상과 순서를 결정)",
            },
          ),
        ),
      },
      async run(call) {
        const operation = operationList.find(({ name }) => name === call.options.operation);
        if (operation === undefined) throw new RangeError("The operation is not in the table");
        return verify(call, operation);
      },
    }),
  ],
};

async function verify(call: Pick<Call, "settings" | "stdin">, operation: Operation): Promise<Report> {
  const { settings } = call;
  const signKey = settings.get("signKey");
  if (signKey === undefined) {
    throw wrongConfiguration([
      missingVariable("signKey", {
        en: "it is made in the merchant admin",
        ko: "상점 관리자 화면에서 만든 값",
      }),
    ]);
  }
  const { signature, ...given } = await readFields(call);
  if (signature === undefined) {
    throw usage("The signature is missing on standard input.", "표준 입력에 signature가 없습니다.");
  }
  const fields = { ...given, mid: given.mid ?? settings.get("mid") };
  const { pairs, missing, notSigned } = pairsOf(operation, fields, hashSignKey(signKey));
  if (missing.length > 0) {
    throw usage(
      `These signed fields are missing: ${missing.join(", ")}.`,
      `서명에 필요한 필드가 없습니다: ${missing.join(", ")}`,
    );
  }
  const expected = signed(pairs);
  const matches = signature === expected;
  const mistake = commonMistakes(pairs, signKey).find(([, wrong]) => signature === wrong)?.[0];
  const signedText = shownText(pairs);
  const text = matches
    ? { en: "The signature is right.", ko: "서명이 올바릅니다." }
    : { en: "The signature is WRONG for this text and key.", ko: "이 내용과 키로 만든 서명이 아닙니다." };
  return {
    exitCode: matches ? exitCodes.ok : exitCodes.failed,
    result: { matches, operation: operation.name, signedText, notSigned, mistake },
    lines: [
      text,
      fieldLines([
        [{ en: "signed text", ko: "서명 대상" }, signedText],
        [{ en: "not covered", ko: "서명되지 않음" }, notSigned.join(", ")],
        [{ en: "mistake", ko: "원인" }, mistake && mistakes[mistake]],
      ]),
    ],
    problem: matches ? undefined : { code: "signature-differs", text },
  };
}

const stdinLimit = 64 * 1024;

async function readFields({ stdin }: Pick<Call, "stdin">): Promise<Record<string, string | undefined>> {
  const fields: Record<string, string> = Object.create(null);
  let text = "";
  for await (const chunk of stdin.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > stdinLimit) {
      throw usage("Standard input is longer than 64 KiB.", "표준 입력이 64 KiB를 넘습니다.");
    }
  }
  for (const line of text.split(/\r?\n/).filter((each) => each.trim() !== "")) {
    const middle = line.indexOf("=");
    if (middle < 1) throw usage("Fields are given as name=value.", "필드는 name=value 형식으로 입력하세요.");
    const name = line.slice(0, middle).trim();
    if (name in fields) throw usage("A field is given twice.", "같은 필드를 두 번 입력했습니다.");
    fields[name] = line.slice(middle + 1);
  }
  return fields;
}

function signed(pairs: readonly SignedPair[]): string {
  try {
    return signFields(pairs.map(({ name, value }) => [name, value] as const));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw usage(error.message, `서명할 수 없는 값입니다("&", "=", 제어 문자). ${error.message}`);
  }
}
