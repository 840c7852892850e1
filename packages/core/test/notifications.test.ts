import { inspect } from "node:util";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { isSecret, type PayApi } from "../src/index.js";
import {
  type Deposited,
  type DepositReversed,
  type EscrowNotification,
  isNotificationError,
  type MobileAccountIssued,
  type MobileDeposited,
  type Notification,
  NotificationError,
  type NotificationKind,
  parseNotification,
} from "../src/notifications/index.js";

type Form = Readonly<Record<string, string>>;

const bytes = (text: string) => Buffer.from(text, "latin1");
const encode = (form: Form) => bytes(new URLSearchParams(form).toString());
const parse = (form: Form, kind?: NotificationKind) => parseNotification(encode(form), { kind });

const mobile = {
  P_STATUS: "00",
  P_TID: "T20261121093001",
  P_TYPE: "CARD",
  P_AUTH_DT: "20261121093001",
  P_MID: "sandbox001",
  P_OID: "order-1",
  P_AMT: "15000",
  P_FN_CD1: "41",
  P_AUTH_NO: "12345678",
  P_RMESG1: "OK",
};

const deposit = {
  no_tid: "V0001",
  type_msg: "0200",
  no_oid: "order-1",
  amt_input: "15000",
  no_vacct: "56211101234567",
  cd_bank: "88",
  cd_deal: "04",
  dt_trans: "20261121",
  tm_trans: "093001",
  nm_input: "Hong",
};

const escrow = {
  id_merchant: "sandbox001",
  cl_status: "2",
  no_oid: "order-1",
  no_tid: "E0001",
  dt_req: "20261121093001",
  cl_paymethod: "17",
  price: "15000",
};

const without = (form: Form, ...names: string[]) =>
  Object.fromEntries(Object.entries(form).filter(([name]) => !names.includes(name)));

function refusal(body: Uint8Array, kind?: NotificationKind): string {
  try {
    parseNotification(body, { kind });
  } catch (error) {
    if (!(error instanceof NotificationError)) throw error;
    expect(isNotificationError(error)).toBe(true);
    return [error.code, error.field].filter(Boolean).join(" ");
  }
  return "taken";
}

describe("a mobile notification", () => {
  it.each([
    ["00", "CARD", "approved", "card"],
    ["00", "ISP", "approved", "card"],
    ["00", "MOBILE", "approved", "hpp"],
    ["00", "BANK", "approved", "bank"],
    ["00", "VBANK", "account-issued", "vbank"],
    ["00", "vbank", "unrecognised", undefined],
    ["00", "card", "unrecognised", undefined],
    ["00", "CULTURE", "unrecognised", undefined],
    ["00", "toString", "unrecognised", undefined],
    ["00", "", "unrecognised", undefined],
    ["00", undefined, "unrecognised", undefined],
    ["01", "CARD", "failed", "card"],
    ["01", "VBANK", "failed", "vbank"],
    ["01", undefined, "failed", undefined],
    ["02", "VBANK", "deposited", "vbank"],
    ["02", "CARD", "unrecognised", "card"],
    ["02", undefined, "unrecognised", undefined],
    ["03", "VBANK", "unrecognised", "vbank"],
    ["0", "CARD", "unrecognised", "card"],
  ])("with P_STATUS %s and P_TYPE %s is parsed as %s", (status, type, event, payType) => {
    const form = {
      ...without(mobile, "P_TYPE"),
      P_STATUS: status,
      ...(type === undefined ? {} : { P_TYPE: type }),
    };
    const read = parse(form);
    expect(read).toMatchObject({ kind: "mobile", event, statusCode: status, tid: mobile.P_TID });
    expect("payType" in read ? read.payType : undefined).toBe(payType);
    expect("price" in read).toBe(event === "approved" || event === "deposited");
  });

  it("is parsed with every field", () => {
    expect(parse(mobile)).toEqual({
      kind: "mobile",
      event: "approved",
      tid: "T20261121093001",
      mid: "sandbox001",
      oid: "order-1",
      price: 15_000,
      payType: "card",
      statusCode: "00",
      dedupeKey: "mobile:sandbox001:T20261121093001:00",
      occurredAt: new Date("2026-11-21T00:30:01Z"),
      message: "OK",
      applNum: "12345678",
      bankCode: "41",
      fields: new Map(Object.entries(mobile)),
    });
  });

  it("has the expected amount of an issued account, but no price", () => {
    const read = parse({ ...mobile, P_TYPE: "VBANK", P_VACT_NUM: "56211101234567" });
    expect(read).toMatchObject({ event: "account-issued", askedPrice: 15_000, account: "56211101234567" });
    expect(read).not.toHaveProperty("price");
  });

  it.each(["P_MID", "P_OID", "P_AMT"])("of money without %s needs review", (name) => {
    for (const form of [mobile, { ...mobile, P_STATUS: "02", P_TYPE: "VBANK" }]) {
      const read = parse({ ...form, [name]: "" });
      expect(read).toMatchObject({ event: "unrecognised", tid: "T20261121093001" });
      expect(read).not.toHaveProperty("price");
    }
  });

  it("of money requires P_TID", () => {
    expect(refusal(encode({ ...mobile, P_TID: "" }))).toBe("missing-field P_TID");
  });

  it.each([
    "0",
    "1e3",
    " 15000",
    "15,000",
    "15000원",
    "015000",
    "-15000",
    "15000.0",
    "0x10",
    "99999999999",
    "１５０００",
  ])("with the amount %j has no price, and is kept", (P_AMT) => {
    const read = parse({ ...mobile, P_AMT });
    expect(read).toMatchObject({ event: "unrecognised", mid: "sandbox001", oid: "order-1", payType: "card" });
    expect(read).not.toHaveProperty("price");
    // The same event, readable, must be able to come after it.
    expect(read.dedupeKey).not.toBe(parse(mobile).dedupeKey);
    expect(read.dedupeKey).toBe(parse({ ...mobile, P_AMT, P_RMESG1: "again" }).dedupeKey);
  });

  it.each([
    ["P_TID", "with blank"],
    ["P_TID", "x".repeat(41)],
    ["P_TID", "거래"],
    ["P_STATUS", "0 0"],
  ])("rejects %s = %j, naming the field but not its value", (name, value) => {
    const error = (() => {
      try {
        return parse({ ...mobile, [name]: value });
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    expect(error).toMatchObject({ name: "NotificationError", code: "invalid-field", field: name });
    if (value.length > 3) expect(inspect(error)).not.toContain(value);
  });

  it("has a dedupe key of mid, tid and status", () => {
    const issued = parse({ ...mobile, P_TYPE: "VBANK" });
    const deposited = parse({ ...mobile, P_TYPE: "VBANK", P_STATUS: "02" });
    expect(issued.tid).toBe(deposited.tid);
    expect(issued.dedupeKey).not.toBe(deposited.dedupeKey);
    expect(parse({ ...mobile, P_RMESG1: "again", P_AMT: "1" }).dedupeKey).toBe(parse(mobile).dedupeKey);
  });
});

describe("a deposit notification", () => {
  it("is parsed with every field", () => {
    expect(parse(deposit)).toEqual({
      kind: "deposit",
      event: "deposited",
      tid: "V0001",
      typeCode: "0200",
      oid: "order-1",
      price: 15_000,
      account: "56211101234567",
      bankCode: "88",
      payingBankCode: "04",
      payerName: "Hong",
      occurredAt: new Date("2026-11-21T00:30:01Z"),
      dedupeKey: "deposit:V0001:0200:20261121:093001:15000",
      fields: new Map(Object.entries(deposit)),
    });
  });

  it("of a reversal has no price", () => {
    const read = parse({ ...deposit, type_msg: "0400" });
    expect(read).toMatchObject({ event: "reversed", reversedPrice: 15_000 });
    expect(read).not.toHaveProperty("price");
  });

  it.each(["0201", "200", "0600", "constructor"])("of type %s is unrecognised", (type_msg) => {
    const read = parse({ ...without(deposit, "amt_input", "no_oid"), type_msg });
    expect(read).toMatchObject({ event: "unrecognised", typeCode: type_msg });
    expect(read).not.toHaveProperty("price");
  });

  it.each([
    [{ ...deposit, no_oid: "" }, "0200"],
    [without(deposit, "amt_input"), "0200"],
    [{ ...deposit, amt_input: "1.5" }, "0200"],
    [{ ...deposit, amt_input: "000000015000" }, "0200"],
    [{ ...deposit, type_msg: "0400", amt_input: "-15000" }, "0400"],
    [{ ...deposit, type_msg: "0400", amt_input: "" }, "0400"],
  ])("of an unreadable amount needs review: %#", (form, typeCode) => {
    const read = parse(form);
    expect(read).toMatchObject({ event: "unrecognised", typeCode, tid: "V0001" });
    for (const name of ["price", "reversedPrice"]) expect(read).not.toHaveProperty(name);
  });

  it("is rejected without a type", () => {
    expect(refusal(encode({ ...deposit, type_msg: "" }))).toBe("missing-field type_msg");
  });

  it.each([
    ["dt_trans", "20261131"],
    ["tm_trans", "246060"],
    ["tm_trans", ""],
  ])("with the invalid time %s = %j is accepted without a time", (name, value) => {
    expect(parse({ ...deposit, [name]: value }).occurredAt).toBeUndefined();
  });

  it.each(["no_tid", "type_msg", "dt_trans", "tm_trans", "amt_input"])("has a dedupe key with %s", (name) => {
    const other = { ...deposit, [name]: name === "type_msg" ? "0400" : "77" };
    expect(parse(other).dedupeKey).not.toBe(parse(deposit).dedupeKey);
  });
});

describe("an escrow notification", () => {
  it.each([
    ["2", "delivery-registered"],
    ["3", "purchase-confirmed"],
    ["31", "auto-confirmed"],
    ["32", "force-confirmed"],
    ["4", "purchase-rejected"],
    ["8", "cancelled"],
    ["10", "rejection-confirmed"],
    ["77", "77"],
    ["constructor", "constructor"],
  ])("with cl_status %s has the status %s", (cl_status, status) => {
    expect(parse({ ...escrow, cl_status })).toMatchObject({ kind: "escrow", status, statusCode: cl_status });
  });

  it.each([
    ["0", "card"],
    ["1", "card"],
    ["16", "bank"],
    ["17", "vbank"],
    ["9", undefined],
  ])("with cl_paymethod %s was paid by %s", (cl_paymethod, payType) => {
    expect(parse({ ...escrow, cl_paymethod }, "escrow")).toMatchObject({ payType });
  });

  it.each([
    ["SBX2026112510350761a2f4d8dcadd017", "SBX2026112510350761a2f4d8dcadd017"],
    ["4111111111111111", undefined],
  ])("with tid_org %s was cancelled in part of %s", (tid_org, originalTid) => {
    expect(parse({ ...escrow, tid_org })).toMatchObject({ originalTid });
  });

  it("is parsed with every field", () => {
    const form = { ...escrow, msg_deny: "broken", tid_org: "E0000" };
    expect(parse(form)).toEqual({
      kind: "escrow",
      status: "delivery-registered",
      statusCode: "2",
      tid: "E0001",
      mid: "sandbox001",
      oid: "order-1",
      price: 15_000,
      payType: "vbank",
      denyMsg: "broken",
      originalTid: "E0000",
      occurredAt: new Date("2026-11-21T00:30:01Z"),
      dedupeKey: "escrow:E0001:2:20261121093001",
      fields: new Map(Object.entries(form)),
    });
  });
});

describe("recognizing the kind of a notification", () => {
  it.each<[string, Form, NotificationKind | undefined, string]>([
    ["nothing known", { a: "1" }, undefined, "unrecognised"],
    ["half a mark", without(mobile, "P_TID"), undefined, "unrecognised"],
    ["another kind than asked for", mobile, "deposit", "unrecognised"],
    ["nothing known where a kind is asked for", { a: "1" }, "mobile", "unrecognised"],
    ["two kinds", { ...mobile, ...deposit }, undefined, "ambiguous"],
    ["two kinds where one is asked for", { ...mobile, ...escrow }, "mobile", "ambiguous"],
    ["deposit and escrow", { ...deposit, ...escrow }, undefined, "ambiguous"],
    ["marks in other letters", { p_status: "00", p_tid: "1" }, undefined, "unrecognised"],
  ])("rejects %s", (_, form, kind, code) => expect(refusal(encode(form), kind)).toBe(code));

  it("accepts the requested kind", () => {
    expect(parse(escrow, "escrow").kind).toBe("escrow");
  });
});

describe("the form of a notification", () => {
  const text = encode(mobile).toString();
  const notification = (body: string | Uint8Array) =>
    parseNotification(typeof body === "string" ? bytes(body) : body);

  it.each([
    ["a name that stands twice", `${text}&P_AMT=1`, "duplicate-field P_AMT"],
    ["a name that stands twice, once escaped", `${text}&%50_AMT=1`, "duplicate-field P_AMT"],
    ["an unknown name that stands twice", `${text}&__proto__=1&__proto__=2`, "duplicate-field __proto__"],
    ["nothing", "", "malformed"],
    ["only separators", "&&&", "malformed"],
    ["a nameless value", `${text}&=1`, "malformed"],
    ["a card number as a name", `${text}&4111111111111111=1`, "malformed"],
    ["a long name", `${text}&${"x".repeat(101)}=1`, "malformed"],
    ["a long value", `${text}&x=${"x".repeat(4097)}`, "too-large x"],
    ["201 fields", `${text}&${Array.from({ length: 191 }, (_, n) => `x${n}=`).join("&")}`, "too-large"],
    ["over 64 KiB", `${text}&${"&".repeat(64 * 1024)}`, "too-large"],
    ["JSON", JSON.stringify(mobile), "malformed"],
  ])("rejects %s", (_, body, code) => expect(refusal(bytes(body))).toBe(code));

  it("accepts exactly the limits", () => {
    const fields = Array.from({ length: 189 }, (_, n) => `x${n}=`).join("&");
    const body = `${text}&${fields}&y=${"x".repeat(4096)}`;
    const whole = body.padEnd(64 * 1024, "&");
    expect(notification(whole).fields.size).toBe(200);
  });

  it("rejects input that is not bytes", () => {
    for (const body of ["P_STATUS=00", undefined, null, [1], {}]) {
      expect(refusal(body as never)).toBe("malformed");
    }
  });

  it("splits at the first =, skips empty pairs, and keeps an invalid % escape", () => {
    const { fields } = notification(`&&${text}&&a=b=c&d&e=%&f=%4&g=%zz&h=%%41&i=a+b%2B&`);
    expect(["a", "d", "e", "f", "g", "h", "i"].map((name) => fields.get(name))).toEqual([
      "b=c",
      "",
      "%",
      "%4",
      "%zz",
      "%A",
      "a b+",
    ]);
  });

  it("keeps unknown fields as plain strings", () => {
    const { fields } = notification(`${text}&__proto__=x&constructor[a]=y&%B0%A1=z&%25B0%25A1=w`);
    expect(fields.get("__proto__")).toBe("x");
    expect(fields.get("constructor[a]")).toBe("y");
    expect([fields.get("%B0%A1"), fields.get("%25B0%25A1")]).toEqual(["z", "w"]);
    expect({}).not.toHaveProperty("x");
  });

  it("is parsed in linear time for the worst bodies", () => {
    const [whole, rounds, parts] = [64 * 1024, 20, 32];
    /** Milliseconds of the processor's own time, which other programs do not count into. */
    const work = (body: Uint8Array, times: number) => {
      const before = process.cpuUsage();
      for (let time = 0; time < times; time += 1) refusal(body);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    for (const unit of ["&", "=", "%", "+", "a", "%41", "a&", "\xb0"]) {
      const ofLength = (size: number) => bytes(unit.repeat(size).slice(0, size));
      const short = work(ofLength(whole / parts), rounds * parts);
      const long = work(ofLength(whole), rounds);
      // As many bytes in all; a parser whose work grows by the square would take 32 times as long.
      expect(long, unit).toBeLessThan(5 * short + 50);
    }
  });
});

describe("card numbers", () => {
  const pan = "4111111111111111";

  it.each([
    ["P_CARD_NUM", pan],
    ["P_CARD_NUM", "411111******1111"],
    ["CARD_NUM", "not even a number"],
    ["unknown", pan],
    ["unknown", "4111-1111-1111-1111"],
    ["unknown", `card ${pan} charged`],
    ["P_RMESG1", `card ${pan}`],
    ["P_AUTH_DT", pan],
    ["P_FN_CD1", pan],
  ])("in %s are kept as a Secret and not printed", (name, value) => {
    const read = parse({ ...mobile, [name]: value });
    const kept = read.fields.get(name);
    expect(isSecret(kept) && kept.reveal()).toBe(value);
    const { fields, ...rest } = read;
    const printed = inspect(read, { depth: 9, showHidden: true }) + JSON.stringify([rest, [...fields]]);
    expect(printed).not.toContain(value);
  });

  it("are only hashed into the dedupe key", () => {
    for (const form of [
      { ...mobile, P_TID: pan },
      { ...deposit, dt_trans: pan },
      { ...escrow, dt_req: pan },
    ]) {
      expect(parse(form).dedupeKey).toMatch(/^(mobile|deposit|escrow):sha256-[0-9a-f]{64}$/);
    }
  });

  it("leave dedupe keys different where the fields differ", () => {
    const keys = ["a:b", "a", "a:b:c", "", "\u0000", "가"].flatMap((dt_trans) =>
      ["x", "b:x", ":", "나"].map((tm_trans) => parse({ ...deposit, dt_trans, tm_trans }).dedupeKey),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("Korean text", () => {
  const syllables = Array.from({ length: 11_172 }, (_, index) => String.fromCodePoint(0xac00 + index));
  const escaped = (text: Uint8Array) =>
    Array.from(text, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const withName = (name: Uint8Array) =>
    Buffer.concat([encode(without(deposit, "nm_input")), bytes("&nm_input="), name]);
  const chunks = Array.from({ length: 12 }, (_, index) =>
    syllables.slice(index * 1000, index * 1000 + 1000).join(""),
  );

  it.each(["euc-kr", "utf-8"] as const)(
    "in %s: all 11,172 syllables are decoded, raw and escaped",
    (charset) => {
      let survived = 0;
      for (const chunk of chunks) {
        const encoded = charset === "utf-8" ? Buffer.from(chunk) : iconv.encode(chunk, "cp949");
        for (const value of [encoded, bytes(escaped(encoded))]) {
          const { fields } = parseNotification(withName(value), { charset });
          expect(fields.get("nm_input")).toBe(chunk);
          survived += chunk.length;
        }
      }
      expect(survived).toBe(2 * 11_172);
    },
  );

  it("is EUC-KR by default", () => {
    expect(parseNotification(withName(iconv.encode("홍길동 똠방각하", "cp949")))).toMatchObject({
      payerName: "홍길동 똠방각하",
    });
  });

  it("with invalid bytes becomes U+FFFD without another change", () => {
    const whole = iconv.encode("홍길동", "cp949");
    const broken = [
      ...Array.from(whole, (_, length) => whole.subarray(0, length)),
      bytes("%C8"),
      Buffer.from([0xff, 0xfe, 0x80, 0xc9]),
      // A lead byte takes no & with it.
      Buffer.from([0xb0, 0x26, 0x78, 0x3d, 0x31]),
    ];
    for (const charset of ["euc-kr", "utf-8"] as const) {
      for (const value of broken) {
        const read = parseNotification(withName(value), { charset });
        expect(read).toMatchObject({ event: "deposited", price: 15_000, oid: "order-1" });
      }
      expect(parseNotification(withName(Buffer.from([0xb0])), { charset })).toMatchObject({
        payerName: "\ufffd",
      });
    }
    expect(parseNotification(withName(broken.at(-1) ?? bytes(""))).fields.get("x")).toBe("1");
  });

  it("may be URL-encoded twice", () => {
    const inner = escaped(iconv.encode("정상처리 되었습니다", "cp949"));
    expect(parse({ ...mobile, P_RMESG1: inner })).toMatchObject({ message: "정상처리 되었습니다" });
  });
});

describe("the types", () => {
  const takeDeposit = (read: MobileDeposited | Deposited): number => read.price;
  const takePaid = (read: { readonly price: number }): number => read.price;

  it("keep an issued account, a reversal and an unknown event apart from a deposit", () => {
    const total = (read: Notification): number => {
      if (read.kind === "escrow") return 0;
      if (read.event === "deposited") return takeDeposit(read) && takePaid(read);
      if (read.event === "approved") return takePaid(read);
      return 0;
    };
    expect([parse(deposit), parse(mobile), parse({ ...mobile, P_TYPE: "VBANK" })].map(total)).toEqual([
      15_000, 15_000, 0,
    ]);
    const misuse = (issued: MobileAccountIssued, reversed: DepositReversed) => [
      // @ts-expect-error: an account was issued, no money arrived
      takeDeposit(issued),
      // @ts-expect-error: nothing to add up
      takePaid(issued),
      // @ts-expect-error: money went back
      takeDeposit(reversed),
      // @ts-expect-error: nothing to add up
      takePaid(reversed),
    ];
    expect(misuse).toBeTypeOf("function");
  });

  it("keep the inquiry's escrow state apart from the notification's", () => {
    type Inquiry = NonNullable<Awaited<ReturnType<PayApi["escrow"]["getStatus"]>>["status"]>;
    const misuse = (inquiry: Inquiry): EscrowNotification["status"] => {
      // @ts-expect-error: the same codes mean something else there
      return inquiry;
    };
    expect(misuse).toBeTypeOf("function");
  });

  it("follow the requested kind", () => {
    const status: EscrowNotification["status"] = parseNotification(encode(escrow), { kind: "escrow" }).status;
    expect(status).toBe("delivery-registered");
  });
});
