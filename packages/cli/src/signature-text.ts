import { createHash } from "node:crypto";
import { hashSignKey } from "@payapi/core/crypto";
import { type Operation, wireName } from "@payapi/core/operations";

/** What goes into a signature, in order. The values are secrets until {@link shownText} has seen them. */
export interface SignedPair {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

/** The pairs an operation signs, from fields under their names on the wire or their public ones. */
export function pairsOf(
  operation: Operation,
  fields: Readonly<Record<string, string | undefined>>,
  mkey: string,
): {
  readonly pairs: readonly SignedPair[];
  readonly missing: readonly string[];
  readonly notSigned: readonly string[];
} {
  const used = new Set<string>();
  const missing: string[] = [];
  const pairs = operation.signed.map((publicName): SignedPair => {
    if (publicName === "mkey") return { name: "mkey", value: mkey, secret: true };
    const field = operation.request[publicName];
    const name = field === undefined ? publicName : wireName(publicName, field);
    const given = [name, publicName].find((each) => fields[each] !== undefined);
    if (given === undefined) missing.push(name);
    else used.add(given);
    const secret = field?.secret === true || field?.encrypted === true;
    return { name, value: fields[given ?? name] ?? "", secret };
  });
  return { pairs, missing, notSigned: Object.keys(fields).filter((name) => !used.has(name)) };
}

/** The text as people may see it. */
export function shownText(pairs: readonly SignedPair[]): string {
  return pairs.map(({ name, value, secret }) => `${name}=${secret ? "[redacted]" : value}`).join("&");
}

/** Mistakes that programs make, each with the signature it leads to. */
export function commonMistakes(
  pairs: readonly SignedPair[],
  signKey: string,
): readonly (readonly [mistake: string, signature: string])[] {
  const withMkey = (mkey: string) =>
    pairs.map((pair) => (pair.name === "mkey" ? { ...pair, value: mkey } : pair));
  const variants: Record<string, readonly SignedPair[]> = {
    "alphabetical-order": [...pairs].sort((a, b) => (a.name < b.name ? -1 : 1)),
    "sign-key-not-hashed": withMkey(signKey),
    "mkey-in-upper-case": withMkey(hashSignKey(signKey).toUpperCase()),
    "without-mkey": pairs.filter(({ name }) => name !== "mkey"),
    "values-url-encoded": pairs.map((pair) => ({ ...pair, value: encodeURIComponent(pair.value) })),
  };
  const right = sha256Hex(pairs);
  const wrong = Object.entries(variants).map(([name, variant]) => [name, sha256Hex(variant)] as const);
  const mistakes = [...wrong, ["signature-in-upper-case", right.toUpperCase()] as const];
  return mistakes.filter(([, signature]) => signature !== right);
}

function sha256Hex(pairs: readonly SignedPair[]): string {
  const text = pairs.map(({ name, value }) => `${name}=${value}`).join("&");
  return createHash("sha256").update(text, "utf8").digest("hex");
}
