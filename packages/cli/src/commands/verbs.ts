import type { Call } from "../command.js";
import { missingUsage, usage } from "../failure.js";
import { required } from "../read-options.js";

/** The first word after a command that has several ways: which of them, or `undefined` if there is none. */
export function verbOf<Verb extends string>(call: Call, verbs: readonly Verb[]): Verb | undefined {
  const [first] = call.args;
  const verb = verbs.find((each) => each === first);
  if (first === undefined || verb !== undefined) return verb;
  throw usage(
    `The word after the command must be ${verbs.join(", ")}, or left out.`,
    `명령 다음 단어는 ${verbs.join(", ")} 중 하나이거나 없어야 합니다.`,
  );
}

/** What follows the verb, and must be there. */
export function afterVerb(call: Call, what: string): string {
  const [, value] = call.args;
  if (value === undefined || value === "") throw missingUsage([what], call.usage);
  return value;
}

/** Nothing may follow the verb. */
export function nothingAfterVerb(call: Call): void {
  if (call.args.length > 1) throw usage("There is one argument too many.", "인수가 너무 많습니다.");
}

/** Who vouches for something, and by what it was seen; kept for ever. */
export function wordOf(call: Call): { readonly actor: string; readonly evidence: string } {
  return { actor: required(call, "actor"), evidence: required(call, "evidence") };
}

/** The options that {@link wordOf} reads. */
export const wordOptions = {
  actor: {
    type: "string",
    value: "NAME",
    help: { en: "who says so; kept for ever", ko: "확인한 사람(영구 기록)" },
  },
  evidence: {
    type: "string",
    value: "TEXT",
    help: {
      en: "where it was seen; kept for ever, so no card data",
      ko: "확인 근거(영구 기록, 카드정보 금지)",
    },
  },
} as const;
