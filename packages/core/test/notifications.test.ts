import { inspect } from "node:util";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { unpadded } from "../src/as-meant.js";
import { isSecret, Secret } from "../src/index.js";
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
  type NotificationProblem,
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

/** What is wrong with a body: what it throws, or the problem of the notification that is kept for review. */
function refusal(body: Uint8Array, kind?: NotificationKind): string {
  const shown = ({ code, field }: NotificationProblem) => [code, field].filter(Boolean).join(" ");
  try {
    const read = parseNotification(body, { kind });
    return "problem" in read ? shown(read.problem) : "taken";
  } catch (error) {
    if (!(error instanceof NotificationError)) throw error;
    expect(isNotificationError(error)).toBe(true);
    return shown(error);
  }
}

/** The problem of a notification at the address of its kind, where it is never refused. */
function problemAt(kind: NotificationKind, body: Uint8Array): string {
  const read = parseNotification(body, { kind });
  const what = "event" in read ? read.event : read.status;
  if (!("problem" in read)) throw new Error(`Read as ${what}`);
  expect([read.kind, what]).toEqual([kind, "unrecognised"]);
  expect(read.dedupeKey).toMatch(new RegExp(`^${kind}:unread-sha256-[0-9a-f]{64}$`));
  for (const name of ["price", "reversedPrice"]) if (kind !== "escrow") expect(read).not.toHaveProperty(name);
  return refusal(body, kind);
}

describe("a mobile notification", () => {
  it.each([
    ["00", "CARD", "approved", "card"],
    ["00", "ISP", "approved", "card"],
    ["00", "MOBILE", "approved", "hpp"],
    ["00", "BANK", "approved", "bank"],
    ["00", "VBANK", "account-issued", "vbank"],
    ["00", "vbank", "account-issued", "vbank"],
    ["00 ", " Card ", "approved", "card"],
    ["00\r\n", "CARD\0\0", "approved", "card"],
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
    expect(read).toMatchObject({ kind: "mobile", event, statusCode: unpadded(status), tid: mobile.P_TID });
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
      cardCode: "41",
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

  it("of money without P_TID needs review", () => {
    expect(problemAt("mobile", encode({ ...mobile, P_TID: "" }))).toBe("missing-field P_TID");
  });

  it.each([
    ["15000", 15_000],
    ["0000000015000", 15_000],
    [`${"0".repeat(30)}15000`, 15_000],
    [" 15000", 15_000],
    ["15000      ", 15_000],
    ["15,000", 15_000],
    ["1,234,567", 1_234_567],
    ["0,015,000", 15_000],
    ["9999999999", 9_999_999_999],
  ])("with the amount %j is read as %i won", (P_AMT, price) => {
    expect(parse({ ...mobile, P_AMT })).toMatchObject({ event: "approved", price });
    const deposited = parse({ ...deposit, amt_input: P_AMT });
    expect(deposited).toMatchObject({ event: "deposited", price });
    expect(parse({ ...escrow, price: P_AMT })).toMatchObject({ price });
    // A repeat that is padded otherwise is the same event.
    expect(deposited.dedupeKey).toBe(parse({ ...deposit, amt_input: String(price) }).dedupeKey);
  });

  it.each([
    "0",
    "0000000",
    "1e3",
    "1,50",
    "15,00",
    ",15000",
    "15.000",
    "15 000",
    "15000원",
    "+15000",
    "-15000",
    "15000.0",
    "0x10",
    "10000000000",
    "99999999999",
    "１５０００",
  ])("with the amount %j has no price, and is kept", (P_AMT) => {
    const read = parse({ ...mobile, P_AMT });
    expect(read).toMatchObject({ event: "unrecognised", mid: "sandbox001", oid: "order-1", payType: "card" });
    expect(read).not.toHaveProperty("price");
    // The same event, readable, must be able to come after it.
    expect(read.dedupeKey).not.toBe(parse(mobile).dedupeKey);
    expect(problemAt("mobile", encode({ ...mobile, P_AMT }))).toBe("invalid-field P_AMT");
    expect(problemAt("deposit", encode({ ...deposit, amt_input: P_AMT }))).toBe("invalid-field amt_input");
  });

  it.each([
    ["P_TID", "with blank"],
    ["P_TID", "x".repeat(41)],
    ["P_TID", "거래"],
    ["P_STATUS", "0 0"],
  ])("with %s = %j needs review, and its problem names the field but not its value", (name, value) => {
    expect(problemAt("mobile", encode({ ...mobile, [name]: value }))).toBe(`invalid-field ${name}`);
  });

  describe("of a virtual account", () => {
    const issued = { ...mobile, P_TYPE: "VBANK" };
    const account = "79565391231";
    const due = new Date("2026-12-11T14:59:59Z");

    it.each([
      ["P_VACCT_NO=79565391231|P_EXP_DT=20261211", due],
      ["P_VACCT_NO=79565391231P_EXP_DT=20261211", due],
      ["P_EXP_DT=20261211|P_VACCT_NO=79565391231", due],
      ["P_EXP_DT=20261211P_VACCT_NO=79565391231", due],
      ["P_VACCT_NO=7956-5391-231;P_EXP_DT=20261211", due],
      ["p_vacct_no = 79565391231, p_exp_dt = 20261211", due],
      ["가상계좌 발급 P_VACCT_NO=79565391231 P_EXP_DT=20261211183000", new Date("2026-12-11T09:30:00Z")],
      ["P_VACCT_NO=79565391231|P_EXP_DT=202612111830", new Date("2026-12-11T09:30:00Z")],
      ["P_VACCT_NO%3D79565391231%7CP_EXP_DT%3D20261211", due],
      ["P_VACCT_NO=79565391231|P_EXP_DT=20261399", undefined],
      ["P_VACCT_NO=79565391231", undefined],
    ])("keeps the account and the deadline in P_RMESG1 = %j", (P_RMESG1, dueAt) => {
      for (const P_STATUS of ["00", "02"]) {
        const read = parse({ ...issued, P_STATUS, P_RMESG1 });
        expect(read).toMatchObject({ event: P_STATUS === "00" ? "account-issued" : "deposited", account });
        expect("dueAt" in read ? read.dueAt : "none").toEqual(dueAt);
      }
    });

    it("keeps them where the form itself splits P_RMESG1", () => {
      const body = `${encode(without(issued, "P_RMESG1"))}&P_RMESG1=P_VACCT_NO=79565391231&P_EXP_DT=20261211`;
      expect(parseNotification(bytes(body))).toMatchObject({ account, dueAt: due });
    });

    it("keeps one that stands in a field of its own, or in both places", () => {
      const own = { ...issued, P_VACT_NUM: "7956-5391-231", P_VACT_DATE: "20261211", P_VACT_TIME: "235959" };
      expect(parse(own)).toMatchObject({ account, dueAt: due });
      const both = { ...own, P_RMESG1: "P_VACCT_NO=79565391231|P_EXP_DT=20261211" };
      expect(parse(both)).toMatchObject({ account, dueAt: due });
    });

    it("is not believed where two places name two accounts", () => {
      const form = { ...issued, P_STATUS: "02", P_RMESG1: "P_VACCT_NO=79565391231" };
      expect(problemAt("mobile", encode({ ...form, P_VACT_NUM: "79565391232" }))).toBe("ambiguous P_RMESG1");
      const twice = { ...form, P_RMESG1: "P_VACCT_NO=79565391231|P_VACCT_NO=79565391232" };
      expect(problemAt("mobile", encode(twice))).toBe("ambiguous P_RMESG1");
    });

    it.each(["unknown", "4111111111111111", "7956539123x"])("needs review with the account %s", (number) => {
      const mobileForm = { ...issued, P_STATUS: "02", P_VACT_NUM: number };
      expect(problemAt("mobile", encode(mobileForm))).toBe("invalid-field P_VACT_NUM");
      expect(problemAt("deposit", encode({ ...deposit, no_vacct: number }))).toBe("invalid-field no_vacct");
    });
  });

  it.each([
    ["CARD", "14", { cardCode: "14", issuerCode: "26" }],
    ["ISP", "14", { cardCode: "14", issuerCode: "26" }],
    ["BANK", "d1", { bankCode: "D1" }],
    ["BANK", "BW", { bankCode: "BW" }],
    ["VBANK", "88 ", { bankCode: "88" }],
    ["MOBILE", "010", { phonePrefix: "010" }],
    ["CULTURE", "14", {}],
  ])("of P_TYPE %s names what P_FN_CD1 = %s is", (P_TYPE, P_FN_CD1, codes) => {
    const read = parse({ ...mobile, P_TYPE, P_FN_CD1, P_CARD_ISSUER_CODE: "26" });
    const kept = Object.entries(read).filter(
      ([name, value]) => /Code$|phonePrefix/.test(name) && name !== "statusCode" && value !== undefined,
    );
    expect(Object.fromEntries(kept)).toEqual(codes);
  });

  it("of a phone has its company, and its number as a Secret", () => {
    const read = parse({ ...mobile, P_TYPE: "MOBILE", P_HPP_CORP: "SKT", P_HPP_NUM: "01012345678" });
    expect(read).toMatchObject({ phoneCompany: "SKT" });
    expect("phoneNumber" in read && isSecret(read.phoneNumber) && read.phoneNumber.reveal()).toBe(
      "01012345678",
    );
    expect(new Secret("").toString()).toBe("[redacted]");
  });

  it.each([
    [{ P_PRTC_CODE: "1" }, true],
    [{ P_PRTC_CODE: "0" }, false],
    [{ P_CARD_PRTC_CODE: "0" }, false],
    [{ P_PRTC_CODE: "x" }, undefined],
    [{}, undefined],
  ])("with %j says whether it can be cancelled in part: %s", (form: Form, partlyCancellable) => {
    expect(parse({ ...mobile, ...form })).toMatchObject({ partlyCancellable });
  });

  it("has room for the longest fields of the guide, percent-encoded", () => {
    const P_MERCHANT_RESERVED = "가".repeat(5_000);
    const P_NOTI = "나".repeat(4_000);
    const body = encode({ ...mobile, P_MERCHANT_RESERVED, P_NOTI });
    expect(body.byteLength).toBeGreaterThan(81_000);
    const { event, fields } = parseNotification(body, { kind: "mobile", charset: "utf-8" });
    expect(event).toBe("approved");
    expect(fields.get("P_MERCHANT_RESERVED")).toBe(P_MERCHANT_RESERVED);
    expect(fields.get("P_NOTI")).toBe(P_NOTI);
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
    [{ ...deposit, type_msg: "0400", amt_input: "-15000" }, "0400"],
    [{ ...deposit, type_msg: "0400", amt_input: "" }, "0400"],
  ])("of an unreadable amount needs review: %#", (form, typeCode) => {
    const read = parse(form);
    expect(read).toMatchObject({ event: "unrecognised", typeCode, tid: "V0001" });
    for (const name of ["price", "reversedPrice"]) expect(read).not.toHaveProperty(name);
  });

  it("without a type needs review", () => {
    expect(problemAt("deposit", encode({ ...deposit, type_msg: "" }))).toBe("missing-field type_msg");
  });

  it("padded with blanks in every field is read as it is meant", () => {
    const padded = Object.fromEntries(Object.entries(deposit).map(([name, value]) => [name, `${value}   `]));
    const { fields: _, ...read } = parse(padded);
    const { fields: __, ...meant } = parse(deposit);
    expect(read).toEqual(meant);
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
    ["2 ", "delivery-registered"],
  ])("with cl_status %s has the status %s", (cl_status, status) => {
    const statusCode = unpadded(cl_status);
    expect(parse({ ...escrow, cl_status })).toMatchObject({ kind: "escrow", status, statusCode });
  });

  it.each(["99", "77", "constructor"])("with the unknown cl_status %s needs review", (cl_status) => {
    expect(problemAt("escrow", encode({ ...escrow, cl_status }))).toBe("unrecognised cl_status");
    expect(parse({ ...escrow, cl_status })).toMatchObject({ statusCode: cl_status, oid: "order-1" });
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
    ["nothing known where a kind is asked for", { a: "1" }, "mobile", "missing-field P_TID"],
    ["two kinds", { ...mobile, ...deposit }, undefined, "ambiguous"],
    ["two kinds where one is asked for", { ...mobile, ...escrow }, "mobile", "ambiguous"],
    ["deposit and escrow", { ...deposit, ...escrow }, undefined, "ambiguous"],
    ["marks in other letters", { p_status: "00", p_tid: "1" }, undefined, "unrecognised"],
  ])("does not believe %s", (_, form, kind, code) => {
    expect(refusal(encode(form), kind)).toBe(code);
    if (kind !== undefined) expect(problemAt(kind, encode(form))).toBe(code);
  });

  it("accepts the requested kind", () => {
    expect(parse(escrow, "escrow").kind).toBe("escrow");
  });
});

describe("the form of a notification", () => {
  const text = encode(mobile).toString();
  const notification = (body: string | Uint8Array) =>
    parseNotification(typeof body === "string" ? bytes(body) : body);

  it.each([
    ["a name with two values", `${text}&P_AMT=1`, "duplicate-field P_AMT"],
    ["a name with two values, once escaped", `${text}&%50_AMT=1`, "duplicate-field P_AMT"],
    ["a name with a value and none", `${text}&P_AMT=`, "duplicate-field P_AMT"],
    ["an unknown name with two values", `${text}&__proto__=1&__proto__=2`, "duplicate-field __proto__"],
    ["nothing", "", "malformed"],
    ["only separators", "&&&", "malformed"],
    ["a nameless value", `${text}&=1`, "malformed"],
    ["a card number as a name", `${text}&4111111111111111=1`, "malformed"],
    ["a long name", `${text}&${"x".repeat(101)}=1`, "malformed"],
    ["201 fields", `${text}&${Array.from({ length: 191 }, (_, n) => `x${n}=`).join("&")}`, "too-large"],
    ["over 128 KiB", `${text}&${"&".repeat(128 * 1024)}`, "too-large"],
    ["JSON", JSON.stringify(mobile), "malformed"],
  ])("with %s needs review", (_, body, code) => {
    expect(problemAt("mobile", bytes(body))).toBe(code);
    // Whatever came stays readable for a person.
    const { fields } = parseNotification(bytes(body), { kind: "mobile" });
    const kept = [...fields.values()].map((value) => (isSecret(value) ? value.reveal() : value)).join("");
    expect(kept.length + 2_000).toBeGreaterThan(body.replaceAll(/[&=]|x\d+|%50/g, "").length);
  });

  it.each([
    ["a name that stands twice with one value", `${text}&P_TYPE=CARD`],
    ["a name that stands twice, once padded and escaped", `${text}&%50_TYPE=CARD++`],
    ["200 repeats of one field less than the limit", `${text}${"&P_TYPE=CARD".repeat(190)}`],
    ["a byte order mark", `\xef\xbb\xbf${text}`],
    ["a line end after it", `${text}&\r\n`],
    ["a line end after its last value", `${text}\r\n`],
    ["blanks around a name", `${text.replace("P_TID=", " P_TID =")}`],
  ])("with %s is read", (_, body) => {
    const { fields: __, ...read } = notification(body);
    const { fields: ___, ...meant } = notification(text);
    expect(read).toEqual(meant);
  });

  it("keeps both values of a name that stands twice", () => {
    const { fields } = parseNotification(bytes(`${text}&P_AMT=1&P_AMT=2`), { kind: "mobile" });
    expect([...fields].filter(([name]) => name.startsWith("P_AMT")).map(([, value]) => value)).toEqual([
      "15000",
      "1",
      "2",
    ]);
  });

  it("accepts exactly the limits", () => {
    const fields = Array.from({ length: 189 }, (_, n) => `x${n}=`).join("&");
    const body = `${text}&${fields}&y=${"x".repeat(100_000)}`;
    const whole = body.padEnd(128 * 1024, "&");
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
    const [whole, rounds, parts] = [128 * 1024, 10, 32];
    /** Milliseconds of the processor's own time, which other programs do not count into. */
    const work = (body: Uint8Array, times: number) => {
      const before = process.cpuUsage();
      for (let time = 0; time < times; time += 1) refusal(body);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    for (const unit of ["&", "=", "%", "+", "a", "%41", "a&", "\xb0", "a=+&"]) {
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
    const keys = ["a:b", "a", "a:b:c", "", "a\u0000b", "가"].flatMap((dt_trans) =>
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

  it("follow the requested kind", () => {
    const status: EscrowNotification["status"] = parseNotification(encode(escrow), { kind: "escrow" }).status;
    expect(status).toBe("delivery-registered");
  });
});
