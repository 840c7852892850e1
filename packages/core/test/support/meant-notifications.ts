import iconv from "iconv-lite";
import { createPayApiHandler } from "../../src/handler/index.js";
import type { FullPaymentStore, ReceivedNotification } from "../../src/index.js";
import { Dice } from "./dice.js";
import { sandboxClient } from "./merchant.js";

type Kind = "mobile" | "deposit" | "escrow";

/** A notification with one meaning: the fields that say it, and what a reader must find. */
interface Meaning {
  readonly kind: Kind;
  readonly fields: Readonly<Record<string, string>>;
  readonly found: Readonly<Record<string, unknown>>;
  /** The fields with an amount, with codes in letters, and the account that P_RMESG1 names, if any. */
  readonly amount: string;
  readonly codes: readonly string[];
}

const names = ["홍길동", "김상점", "Hong", "똠방각하", "a=b&c", "100% +"];

function meaning(dice: Dice): Meaning {
  const tid = `T${dice.digits(5)}x${dice.digits(4)}`;
  const oid = `order-${dice.digits(4)}`;
  const price = 1 + dice.below(dice.one([999, 99_999, 999_999_999]));
  const time = `2026${dice.one(["01", "11", "12"])}${dice.one(["01", "21", "28"])}0930${dice.one(["00", "01", "59"])}`;
  const account = `5${dice.digits(10)}`;
  const kind = dice.one(["mobile", "deposit", "escrow"] as const);
  if (kind === "deposit") {
    const isReversal = dice.below(4) === 0;
    const event = isReversal ? { event: "reversed", reversedPrice: price } : { event: "deposited", price };
    return {
      kind,
      amount: "amt_input",
      codes: ["cd_bank"],
      fields: {
        no_tid: tid,
        no_oid: oid,
        type_msg: isReversal ? "0400" : "0200",
        amt_input: String(price),
        no_vacct: account,
        cd_bank: "D1",
        dt_trans: time.slice(0, 8),
        tm_trans: time.slice(8),
        nm_input: dice.one(names),
      },
      found: { ...event, tid, oid, account, bankCode: "D1" },
    };
  }
  if (kind === "escrow") {
    const [cl_status, status] = dice.one([
      ["2", "delivery-registered"],
      ["3", "purchase-confirmed"],
      ["8", "cancelled"],
      ["10", "rejection-confirmed"],
    ] as const);
    const fields = {
      id_merchant: "sandbox001",
      no_oid: oid,
      no_tid: tid,
      cl_status,
      dt_req: time,
      price: String(price),
    };
    return {
      kind,
      amount: "price",
      codes: [],
      fields: { ...fields, cl_paymethod: "17", msg_deny: dice.one(names) },
      found: { status, tid, oid, mid: "sandbox001", price, payType: "vbank" },
    };
  }
  const [P_STATUS, P_TYPE, event, payType] = dice.one([
    ["00", "CARD", "approved", "card"],
    ["00", "ISP", "approved", "card"],
    ["00", "BANK", "approved", "bank"],
    ["00", "MOBILE", "approved", "hpp"],
    ["00", "VBANK", "account-issued", "vbank"],
    ["02", "VBANK", "deposited", "vbank"],
  ] as const);
  const parties = { P_TID: tid, P_MID: "sandbox001", P_OID: oid, P_AMT: String(price), P_AUTH_DT: time };
  const due = dice.one(["20261211", "20261211235959"]);
  const places = [`P_VACCT_NO=${account}`, `P_EXP_DT=${due}`];
  const message = dice.shuffled(places).join(dice.one(["|", "", " ", ";", ", "]));
  const isAccount = payType === "vbank";
  const inField = isAccount && dice.below(4) === 0;
  return {
    kind,
    amount: "P_AMT",
    codes: ["P_TYPE", "P_FN_CD1"],
    fields: {
      P_STATUS,
      P_TYPE,
      ...parties,
      P_FN_CD1: payType === "bank" ? "D1" : "88",
      P_UNAME: dice.one(names),
      ...(isAccount && !inField && { P_RMESG1: message }),
      ...(inField && { P_VACT_NUM: account, P_VACT_DATE: "20261211", P_VACT_TIME: "235959" }),
    },
    found: {
      event,
      tid,
      oid,
      mid: "sandbox001",
      payType,
      ...(event === "account-issued" ? { askedPrice: price } : { price }),
      ...(isAccount && { account, dueAt: new Date("2026-12-11T14:59:59Z") }),
    },
  };
}

/** The same meaning, as some system of the gateway may write it. */
function written({ fields, amount, codes }: Meaning, dice: Dice): [name: string, value: string][] {
  const amountAs = (text: string) =>
    dice.one([
      text,
      text.padStart(13, "0"),
      Number(text).toLocaleString("en-US"),
      ` ${text}`,
      `${text.padStart(10, "0")}   `,
    ]);
  const letters = dice.one([(text: string) => text, (text: string) => text.toLowerCase()]);
  const padding = dice.one(["", "", " ", "    ", "\t", "\r\n"]);
  const pairs = Object.entries(fields).map(([name, value]): [string, string] => {
    if (name === amount) return [name, amountAs(value)];
    return [name, `${codes.includes(name) ? letters(value) : value}${padding}`];
  });
  const more: [string, string][] = [];
  for (let count = dice.below(4); count > 0; count -= 1) more.push([`P_NEW_${count}`, dice.one(names)]);
  // A name may stand twice with one value.
  for (let count = dice.below(3); count > 0; count -= 1) more.push(dice.one(pairs));
  return dice.shuffled([...pairs, ...more]);
}

type Spoil = (pairs: [string, string][], meant: Meaning, dice: Dice) => [string, string][];

const without = (pairs: [string, string][], name: string) => pairs.filter(([given]) => given !== name);
const tidOf = { mobile: "P_TID", deposit: "no_tid", escrow: "no_tid" } as const;
const orderOf = { mobile: "P_OID", deposit: "no_oid", escrow: "no_oid" } as const;
const codeOf = { mobile: "P_STATUS", deposit: "type_msg", escrow: "cl_status" } as const;

/** Ways to lose the one meaning. */
const spoils: readonly Spoil[] = [
  (pairs, { kind }, dice) => [...pairs, [tidOf[kind], `other${dice.digits(6)}`]],
  (pairs, { kind }, dice) => [...pairs, [orderOf[kind], `other-${dice.digits(6)}`]],
  (pairs, { kind }) => without(pairs, tidOf[kind]),
  (pairs, { kind }) => without(pairs, orderOf[kind]),
  (pairs, { kind }) => [...without(pairs, tidOf[kind]), [tidOf[kind], "two words"]],
  (pairs, { kind }, dice) => [
    ...without(pairs, codeOf[kind]),
    [codeOf[kind], dice.one(["99", "0201", "x y", ""])],
  ],
  (pairs, { kind }) => [
    ...pairs,
    ...(kind === "deposit"
      ? ([
          ["P_STATUS", "00"],
          ["P_TID", "t"],
        ] as [string, string][])
      : ([
          ["no_tid", "t"],
          ["type_msg", "0200"],
        ] as [string, string][])),
  ],
  (pairs, { amount }, dice) => [
    ...without(pairs, amount),
    [amount, dice.one(["1,50", "15.000", "15 000", "1e3", "-1", "0", "15000원"])],
  ],
  (pairs, { kind, fields }, dice) => {
    const account = fields.no_vacct ?? fields.P_VACT_NUM;
    if (account === undefined && !("P_RMESG1" in fields)) return without(pairs, orderOf[kind]);
    return kind === "deposit"
      ? [...without(pairs, "no_vacct"), ["no_vacct", "unknown"]]
      : [...without(pairs, "P_VACCT_NO"), ["P_VACCT_NO", `9${dice.digits(10)}`]];
  },
];

function encoded(pairs: readonly [string, string][], dice: Dice): Buffer {
  const charset = dice.one(["euc-kr", "utf-8"] as const);
  const inCharset = (text: string) => (charset === "utf-8" ? Buffer.from(text) : iconv.encode(text, "cp949"));
  const escapesAll = dice.below(2) === 0;
  const percent = (text: string) =>
    Buffer.concat(
      Array.from(inCharset(text), (byte) => {
        const plain = /[A-Za-z0-9_.-]/.test(String.fromCharCode(byte)) || (!escapesAll && byte >= 0x80);
        return plain ? Buffer.from([byte]) : Buffer.from(`%${byte.toString(16).padStart(2, "0")}`);
      }),
    );
  const parts = pairs.map(([name, value]) =>
    Buffer.concat([percent(name), Buffer.from("="), percent(value)]),
  );
  const joined = parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from("&"), part]));
  const before = dice.below(10) === 0 ? [Buffer.from([0xef, 0xbb, 0xbf])] : [];
  const after = dice.below(5) === 0 ? [Buffer.from(dice.one(["\r\n", "\n", "&"]))] : [];
  return Buffer.concat([...before, ...joined, ...after]);
}

const contentTypes = [
  undefined,
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/x-www-form-urlencoded; charset=ksc5601",
  "application/x-www-form-urlencoded;charset=UTF-8",
  "application/json",
  "nothing at all",
];

/** How many of each kind were sent. */
export interface Tally {
  readonly believed: number;
  readonly kept: number;
}

/**
 * Sends random notifications to the handler. Those with one meaning must be found exactly so, and those without must be kept for review and
 * not believed; all are acknowledged. The seed and the number of a failure repeat it.
 */
export async function sendMeantNotifications(count: number, seed: number): Promise<Tally> {
  const taken: ReceivedNotification[] = [];
  const handler = createPayApiHandler({
    payapi: sandboxClient(),
    publicUrl: "https://shop.example",
    basePath: "",
    groups: ["notifications"],
    clientAddress: () => "127.0.0.1",
    ledger: {
      store: {
        receiveNotification: async (received: ReceivedNotification) => {
          taken.push(received);
          return { effect: "applied" };
        },
      } as Partial<FullPaymentStore> as FullPaymentStore,
    },
    logger: () => {},
  });
  let believed = 0;
  for (let number = 0; number < count; number += 1) {
    const dice = new Dice(seed * 1_000_003 + number);
    const meant = meaning(dice);
    const isSpoilt = dice.below(3) === 0;
    const pairs = written(meant, dice);
    const body = encoded(isSpoilt ? dice.one(spoils)(pairs, meant, dice) : pairs, dice);
    const type = dice.one(contentTypes);
    const repeats = 1 + dice.below(2);
    taken.length = 0;
    for (let time = 0; time < repeats; time += 1) {
      const request = new Request(`https://shop.example/notifications/${meant.kind}`, {
        method: "POST",
        body: new Uint8Array(body),
      });
      if (type === undefined) request.headers.delete("content-type");
      else request.headers.set("content-type", type);
      const answer = await handler(request, undefined);
      const text = await answer.text();
      const wrong = problemWith(taken.at(-1), isSpoilt ? undefined : meant);
      const acknowledged = text === (meant.kind === "escrow" ? "cd_rslt=0000&msg_rslt=" : "OK");
      if (taken.length !== time + 1 || !acknowledged || wrong !== undefined) {
        const what = wrong ?? `${answer.status} ${text}`;
        throw new Error(`seed ${seed}, number ${number}: ${what}\n${body.toString("latin1")}`);
      }
    }
    const [first, second] = taken;
    if (second !== undefined && first?.notification.dedupeKey !== second.notification.dedupeKey) {
      throw new Error(`seed ${seed}, number ${number}: a repeat counts as another event`);
    }
    if (!isSpoilt) believed += 1;
  }
  return { believed, kept: count - believed };
}

function problemWith(
  received: ReceivedNotification | undefined,
  meant: Meaning | undefined,
): string | undefined {
  if (received === undefined) return "nothing was handed over";
  const read = received.notification as unknown as Readonly<Record<string, unknown>>;
  if (meant === undefined) {
    if ((read.event ?? read.status) !== "unrecognised")
      return `believed as ${String(read.event ?? read.status)}`;
    return "price" in read ? "a price without a meaning" : undefined;
  }
  const show = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));
  const [different] = Object.entries(meant.found).filter(([name, value]) => show(read[name]) !== show(value));
  if (different === undefined) return undefined;
  const [name, value] = different;
  return `${name} is ${show(read[name])} instead of ${show(value)} (${JSON.stringify(read.problem)})`;
}
