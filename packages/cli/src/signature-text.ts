import { createHash, timingSafeEqual } from "node:crypto";
import { encryptField, hashSignKey } from "@payapi/core/crypto";
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
  fields: ReadonlyMap<string, string>,
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
    const given = [name, publicName].find((each) => fields.has(each));
    if (given === undefined) missing.push(name);
    else used.add(given);
    const secret = field?.secret === true || field?.encrypted === true;
    return { name, value: fields.get(given ?? name) ?? "", secret };
  });
  return { pairs, missing, notSigned: [...fields.keys()].filter((name) => !used.has(name)) };
}

/** All fields in the order given, with the mkey after the mid. */
export function pairsInOrder(fields: ReadonlyMap<string, string>, mkey: string): readonly SignedPair[] {
  const secret = (name: string) => name === "cardNumber";
  const pairs = [...fields].map(([name, value]) => ({ name, value, secret: secret(name) }));
  const place = pairs.findIndex(({ name }) => name === "mid") + 1;
  return [...pairs.slice(0, place), { name: "mkey", value: mkey, secret: true }, ...pairs.slice(place)];
}

/** The text as people may see it. */
export function shownText(pairs: readonly SignedPair[]): string {
  return pairs.map(({ name, value, secret }) => `${name}=${secret ? "[redacted]" : value}`).join("&");
}

/** Whether two texts are equal, in a time that does not depend on where they differ. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Mistakes that programs make, each with the signature it leads to. */
export function commonMistakes(
  pairs: readonly SignedPair[],
  keys: { readonly signKey: string; readonly fieldKey?: string; readonly fieldIv?: string },
): ReadonlyMap<string, string> {
  const { signKey, fieldKey, fieldIv } = keys;
  const withMkey = (mkey: string) =>
    pairs.map((pair) => (pair.name === "mkey" ? { ...pair, value: mkey } : pair));
  const cipher = (text: string) => {
    try {
      return encryptField(text, { key: fieldKey ?? "", iv: fieldIv ?? "" });
    } catch {
      return text;
    }
  };
  const variants: Record<string, readonly SignedPair[]> = {
    "alphabetical-order": [...pairs].sort((a, b) => (a.name < b.name ? -1 : 1)),
    "sign-key-not-hashed": withMkey(signKey),
    "mkey-in-upper-case": withMkey(hashSignKey(signKey).toUpperCase()),
    "without-mkey": pairs.filter(({ name }) => name !== "mkey"),
    "values-url-encoded": pairs.map((pair) => ({ ...pair, value: encodeURIComponent(pair.value) })),
    "card-number-encrypted": pairs.map((pair) =>
      pair.secret && pair.name !== "mkey" ? { ...pair, value: cipher(pair.value) } : pair,
    ),
  };
  const right = sha256Hex(textOf(pairs));
  return new Map(
    Object.entries(variants)
      .map(([name, variant]): [string, string] => [name, sha256Hex(textOf(variant))])
      .filter(([, signature]) => signature !== right),
  );
}

function textOf(pairs: readonly SignedPair[]): string {
  return pairs.map(({ name, value }) => `${name}=${value}`).join("&");
}

function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
