import type { InProcessReply } from "@payapi/sandbox/in-process";
import type { Random } from "./random.js";

/** The mistakes of wrong success replies. */
export type Wrong =
  /** Its amounts differ from the request. */
  | "price"
  /** It lacks a usable transaction id, or for a billing key the key. */
  | "no-tid"
  /** Its transaction id is one that the shop has already. */
  | "known-tid"
  /** It is about another order or another merchant. */
  | "other-order"
  /** Its result is unreadable. */
  | "garbage";

/** Transaction ids that the shop has. */
export interface KnownIds {
  readonly tids: readonly string[];
  readonly cancelTids: readonly string[];
}

type Fields = Readonly<Record<string, string>>;

/** The field names of the services and of P_REQ_URL. */
const tids = ["tid", "Tid", "P_TID"];
const keys = ["Billkey"];

/** Returns a reply with this mistake; `undefined` if it has no field for it. */
export function wrongReply(
  reply: InProcessReply,
  wrong: Wrong,
  random: Random,
  known: KnownIds,
): InProcessReply | undefined {
  const isPage = reply.contentType.startsWith("text/plain");
  if (wrong === "garbage") return garbage(reply, isPage, random);
  const fields = isPage ? readPairs(reply.body) : (JSON.parse(reply.body.toString()) as Fields);
  const changed = change(fields, wrong, random, known);
  if (changed === undefined) return undefined;
  return { ...reply, body: isPage ? writePairs(changed) : Buffer.from(JSON.stringify(changed)) };
}

function change(fields: Fields, wrong: Wrong, random: Random, known: KnownIds): Fields | undefined {
  const has = (name: string) => fields[name] !== undefined;
  const put = (name: string | undefined, value: string | undefined) =>
    name === undefined || value === undefined || value === fields[name]
      ? undefined
      : { ...fields, [name]: value };
  switch (wrong) {
    case "price": {
      const amounts = ["Price", "P_AMT", "RmainPrice"].filter(has);
      if (amounts.length === 0 || has("Billkey")) return undefined;
      const name = random.pick(amounts);
      const won = Number(fields[name]);
      return put(name, random.pick([String(won + 1), String(won * 10), String(won + 100), "1e3", "-1"]));
    }
    case "no-tid": {
      const name = [...keys, ...tids].find(has);
      if (name === undefined) return undefined;
      const { [name]: _, ...without } = fields;
      // A key is read back from its stored form, so another key can't be recognised as a mistake.
      const isKey = keys.includes(name);
      return random.chance(0.6) || isKey
        ? without
        : put(name, random.pick(["", " ", "t".repeat(41), "거래"]));
    }
    case "known-tid": {
      if (has("Billkey")) return undefined;
      if (has("C_Tid"))
        return put("C_Tid", known.cancelTids.length > 0 ? random.pick(known.cancelTids) : undefined);
      return put(tids.find(has), known.tids.length > 0 ? random.pick(known.tids) : undefined);
    }
    case "other-order": {
      // The services for cards and keys name neither; a cancel is identified by its transaction.
      const names = ["P_OID", "P_MID", "Tid"].filter(has);
      return names.length === 0 ? undefined : put(random.pick(names), "another1-1");
    }
    default:
      return undefined;
  }
}

function garbage(reply: InProcessReply, isPage: boolean, random: Random): InProcessReply {
  const text = reply.body.toString("latin1");
  const [name, yes] = isPage ? ["P_STATUS=", "P_STATUS=00"] : ['"ResultCode":', /"ResultCode":"[^"]*"/];
  const codes = isPage
    ? ["", "0 0", "ok!", "\u0000"]
    : ['""', "0", "null", '"0 0"', '"\\u0000"', '["00"]', "00"];
  const body = Buffer.from(text.replace(yes, `${name}${random.pick(codes)}`), "latin1");
  switch (random.pick(["code", "code", "code", "not-found", "redirect", "redirect", "list", "twice"])) {
    case "not-found":
      return { ...reply, status: 404 };
    case "redirect":
      return { ...reply, status: random.pick([302, 307]) };
    case "list":
      return { ...reply, body: Buffer.from(`[${text}]`, "latin1") };
    case "twice":
      return { ...reply, body: Buffer.from(`${text}${text}`, "latin1") };
    default:
      return { ...reply, body };
  }
}

/** The page writes them raw; latin1 keeps every byte as it is. */
function readPairs(body: Buffer): Fields {
  return Object.fromEntries(
    body
      .toString("latin1")
      .split("&")
      .map((pair) => {
        const at = pair.indexOf("=");
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
  );
}

function writePairs(fields: Fields): Buffer {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return Buffer.from(pairs.join("&"), "latin1");
}
