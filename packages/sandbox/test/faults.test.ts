import { EventEmitter, once } from "node:events";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type FaultKind,
  type FaultRule,
  faultKinds,
  type Sandbox,
  type SandboxOptions,
} from "../src/index.js";
import { makeCertificate } from "./support/certificate.js";
import { approvalForm, approve, cancelForm, formRequest, paths, post } from "./support/merchant.js";
import { exchange, open, type RawRequest } from "./support/raw-client.js";
import { sandboxFor } from "./support/sandbox.js";

let tls: { key: string; cert: string };
beforeAll(async () => {
  tls = await makeCertificate();
});

/** A sandbox whose log can be waited for, in place of sleeping. */
async function listening(options: SandboxOptions): Promise<{ sandbox: Sandbox; logged: Promise<string> }> {
  const lines = new EventEmitter();
  const logged = once(lines, "line").then(String);
  return { sandbox: await sandboxFor({ ...options, log: (line) => lines.emit("line", line) }), logged };
}

const approvalOf = (oid: string, ca?: string): RawRequest => ({
  ...formRequest(paths.approve, approvalForm({ oid })),
  ...(ca && { ca }),
});

describe.each(["http", "https"])("faults over %s", (scheme) => {
  const options = () => (scheme === "https" ? { tls } : {});
  const trusted = () => (scheme === "https" ? tls.cert : undefined);
  const strike = async (fault: FaultKind | Omit<FaultRule, "times">) => {
    const { url, faults, book } = await sandboxFor(options());
    faults.next(fault);
    const seen = await exchange(url, approvalOf("order-1", trusted()));
    return { seen, book, entry: book.requests[0] };
  };

  test("reset-before-commit: RST, no byte, nothing carried out", async () => {
    const { seen, book, entry } = await strike("reset-before-commit");
    expect([seen.raw, seen.end]).toEqual(["", "ECONNRESET"]);
    expect(book.transactions).toEqual([]);
    expect(entry).toMatchObject({
      oid: "order-1",
      outcome: "dropped",
      replied: false,
      fault: "reset-before-commit",
    });
    expect(entry).not.toHaveProperty("httpStatus");
  });

  test("reset-after-commit: RST, no byte, but the money moved", async () => {
    const { seen, book, entry } = await strike("reset-after-commit");
    expect([seen.raw, seen.end]).toEqual(["", "ECONNRESET"]);
    expect(book.transactions).toMatchObject([{ oid: "order-1", price: 15000 }]);
    expect(entry).toMatchObject({
      outcome: "committed",
      resultCode: "00",
      replied: false,
      tid: book.transactions[0]?.tid,
      fault: "reset-after-commit",
    });
  });

  test.each([
    ["stall-before-commit", 0],
    ["stall-after-commit", 1],
  ] as const)("%s: no byte until cleared", async (fault, moved) => {
    const { sandbox, logged } = await listening(options());
    sandbox.faults.next(fault);
    const { socket, seen } = open(sandbox.url, approvalOf("order-1", trusted()));
    expect(await logged).toContain(fault);
    expect(socket.closed).toBe(false);
    // The sandbox goes on serving others.
    expect((await exchange(sandbox.url, approvalOf("order-2", trusted()))).status).toBe(200);
    expect(socket.closed).toBe(false);
    await sandbox.faults.clear();
    expect((await seen).raw).toBe("");
    expect(sandbox.book.transactions.filter(({ oid }) => oid === "order-1")).toHaveLength(moved);
    expect(sandbox.book.requests[0]).toMatchObject({
      outcome: moved ? "committed" : "dropped",
      replied: false,
    });
  });

  test("truncate: the full length announced, half of it sent, and the money moved", async () => {
    const { seen, book, entry } = await strike("truncate");
    expect(seen.status).toBe(200);
    const announced = Number(seen.headers["content-length"]);
    const sent = Buffer.byteLength(seen.body.replace(/\ufffd$/, ""));
    expect(sent).toBeGreaterThan(announced / 2 - 4);
    expect(sent).toBeLessThanOrEqual(announced / 2);
    expect(seen.body).toMatch(/^\{"ResultCode":"00"/);
    expect(book.transactions).toHaveLength(1);
    expect(entry).toMatchObject({ outcome: "committed", httpStatus: 200, replied: false, fault: "truncate" });
  });

  test.each([
    ["html", true, 200, "text/html; charset=utf-8"],
    ["html", false, 200, "text/html; charset=utf-8"],
    ["status-500", true, 500, "application/json; charset=utf-8"],
    ["status-500", false, 500, "application/json; charset=utf-8"],
  ] as const)("%s, commit %s", async (fault, commit, status, type) => {
    const { seen, book, entry } = await strike({ fault, commit });
    expect([seen.status, seen.headers["content-type"], seen.end]).toEqual([status, type, "fin"]);
    expect(book.transactions).toHaveLength(commit ? 1 : 0);
    const outcome = commit ? "committed" : "dropped";
    expect(entry).toMatchObject({ outcome, httpStatus: status, replied: false, fault });
  });

  test("html and status-500 commit unless said", async () => {
    expect((await strike("html")).book.transactions).toHaveLength(1);
    expect((await strike("status-500")).book.transactions).toHaveLength(1);
  });

  test.each([
    ["wrong-price", { ResultCode: "00", Price: "15001", tid: expect.any(String) }],
    ["no-tid", { ResultCode: "00", Price: "15000" }],
  ] as const)("%s: a success that does not match the request", async (fault, reply) => {
    const { seen, book, entry } = await strike(fault);
    const json = JSON.parse(seen.body) as Record<string, string>;
    expect(json).toMatchObject(reply);
    expect("tid" in json).toBe("tid" in reply);
    expect(book.transactions).toMatchObject([{ price: 15000 }]);
    expect(entry).toMatchObject({ outcome: "committed", httpStatus: 200, replied: false, fault });
  });

  test("result-code: a committed request with another success code, or a refusal with any code", async () => {
    const unproven = await strike("result-code");
    expect(JSON.parse(unproven.seen.body)).toMatchObject({ ResultCode: "0000", tid: expect.any(String) });
    expect(unproven.book.transactions).toMatchObject([{ price: 15000 }]);
    const refused = await strike({ fault: "result-code", resultCode: "ERR206", commit: false });
    expect(JSON.parse(refused.seen.body)).toEqual({ ResultCode: "ERR206" });
    expect([refused.seen.status, refused.book.transactions]).toEqual([200, []]);
  });

  test("status-403: a firewall's answer without a ResultCode", async () => {
    const { seen, book, entry } = await strike("status-403");
    expect([seen.status, seen.headers["content-type"]]).toEqual([403, "text/html; charset=utf-8"]);
    expect(seen.body).not.toContain("ResultCode");
    expect(book.transactions).toEqual([]);
    expect(entry).toMatchObject({ outcome: "dropped", httpStatus: 403, fault: "status-403" });
    expect((await strike({ fault: "status-403", commit: true })).book.transactions).toHaveLength(1);
  });

  test.each([true, false])("empty: a 200 with nothing in it, commit %s", async (commit) => {
    const { seen, book, entry } = await strike({ fault: "empty", commit });
    expect([seen.status, seen.body, seen.end]).toEqual([200, "", "fin"]);
    expect(book.transactions).toHaveLength(commit ? 1 : 0);
    expect(entry).toMatchObject({ outcome: commit ? "committed" : "dropped", fault: "empty" });
  });

  test("redirect: back to the same place, so that a client that follows pays twice", async () => {
    const { seen, book, entry } = await strike("redirect");
    expect([seen.status, seen.headers.location]).toEqual([307, paths.approve]);
    expect(book.transactions).toHaveLength(1);
    expect(entry).toMatchObject({ outcome: "committed", httpStatus: 307, fault: "redirect" });
  });

  test("oversized: the true reply with half a MiB more", async () => {
    const { seen, book, entry } = await strike("oversized");
    expect(seen.body.length).toBeGreaterThan(512 * 1024);
    expect(JSON.parse(seen.body)).toMatchObject({ ResultCode: "00", tid: book.transactions[0]?.tid });
    expect(entry).toMatchObject({ outcome: "committed", httpStatus: 200, fault: "oversized" });
  });

  test("wrong-charset: EUC-KR where the header says UTF-8", async () => {
    const { seen, book, entry } = await strike("wrong-charset");
    expect(seen.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(seen.body).toContain("\ufffd");
    expect(seen.body).toContain(`"tid":"${book.transactions[0]?.tid}"`);
    expect(entry).toMatchObject({ outcome: "committed", httpStatus: 200, fault: "wrong-charset" });
  });

  test("late-commit: RST at once, and the money moves later", async () => {
    const { url, faults, book, clock } = await sandboxFor({ ...options(), clock: { frozen: true } });
    faults.next({ fault: "late-commit", delayMs: 5000 });
    const seen = await exchange(url, approvalOf("order-1", trusted()));
    expect([seen.raw, seen.end]).toEqual(["", "ECONNRESET"]);
    await clock.advance(4999);
    expect(book.transactions).toEqual([]);
    expect(book.requests).toMatchObject([{ oid: "order-1", outcome: "pending", fault: "late-commit" }]);
    await clock.advance(1);
    expect(book.transactions).toMatchObject([{ oid: "order-1" }]);
    const { tid } = book.transactions[0] ?? {};
    expect(book.requests).toMatchObject([{ outcome: "committed", resultCode: "00", tid, replied: false }]);
  });

  test("reset-in-handshake: RST before a byte is read, once", async () => {
    const { url, faults, book } = await sandboxFor(options());
    faults.next("reset-in-handshake");
    const { seen } = open(url, approvalOf("order-1", trusted()));
    expect(await seen).toMatchObject({ raw: "", end: "ECONNRESET" });
    expect(book.requests).toMatchObject([
      { outcome: "dropped", replied: false, fault: "reset-in-handshake" },
    ]);
    expect((await exchange(url, approvalOf("order-1", trusted()))).status).toBe(200);
  });

  test("refuse: ECONNREFUSED until cleared, then the same port and the same book", async () => {
    const { url, faults, book } = await sandboxFor(options());
    await exchange(url, approvalOf("order-1", trusted()));
    faults.next("refuse");
    for (const _ of [1, 2]) {
      expect((await exchange(url, approvalOf("order-2", trusted()))).end).toBe("ECONNREFUSED");
    }
    await faults.clear();
    expect((await exchange(url, approvalOf("order-3", trusted()))).status).toBe(200);
    expect(book.transactions.map(({ oid }) => oid)).toEqual(["order-1", "order-3"]);
    expect(book.requests[1]).toMatchObject({ outcome: "dropped", replied: false, fault: "refuse" });
  });
});

test("every kind of fault is tested above", async () => {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(new URL(import.meta.url), "utf8");
  for (const kind of faultKinds) expect(text).toContain(`"${kind}"`);
});

test("late-commit runs by the machine's clock, unless the sandbox's clock is frozen", async () => {
  const { url, faults, book } = await sandboxFor();
  faults.next("late-commit");
  await exchange(url, approvalOf("order-1"));
  await expect.poll(() => book.transactions.length, { timeout: 30_000 }).toBe(1);
});

test("the active rules can be listed", async () => {
  const { url, faults } = await sandboxFor();
  faults.add({ fault: "html", times: 2, operation: "cards.approve" });
  faults.add({ fault: "empty", times: "always", oid: "order-9" });
  await exchange(url, approvalOf("order-1"));
  expect(faults.rules).toEqual([
    { fault: "html", times: 1, operation: "cards.approve" },
    { fault: "empty", times: "always", oid: "order-9" },
  ]);
});

test("refuse lets a running request finish", async () => {
  const { url, faults } = await sandboxFor();
  const request = approvalOf("order-1");
  const { socket, seen } = open(url, {
    ...request,
    body: "",
    headers: { ...request.headers, "Content-Length": String(request.body?.length) },
  });
  await new Promise((resolve) => socket.once("connect", resolve));
  // The front has the connection once another one, opened later, was answered.
  await exchange(url, { method: "GET", path: "/_sandbox/requests" });
  faults.next("refuse");
  socket.write(request.body ?? "");
  expect((await seen).status).toBe(200);
});

test("refuse with forMs ends by itself", async () => {
  const { url, faults } = await sandboxFor();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  faults.add({ fault: "refuse", forMs: 50 });
  await vi.advanceTimersByTimeAsync(49);
  expect((await exchange(url, approvalOf("order-1"))).end).toBe("ECONNREFUSED");
  await vi.advanceTimersByTimeAsync(1);
  await expect
    .poll(async () => (await exchange(url, approvalOf("order-1"))).end, { timeout: 30_000 })
    .toBe("fin");
});

test("faults apply in the order in which they were added", async () => {
  const { url, faults, book } = await sandboxFor();
  for (const fault of ["status-500", "html"] as const) faults.add({ fault });
  const statuses = [];
  for (const oid of ["a", "b", "c"])
    statuses.push((await exchange(url, approvalOf(oid))).headers["content-type"]);
  expect(statuses).toEqual([
    "application/json; charset=utf-8",
    "text/html; charset=utf-8",
    "application/json; charset=utf-8",
  ]);
  expect(book.requests.map(({ fault }) => fault)).toEqual(["status-500", "html", undefined]);
});

test("a rule applies only to its operation and its order, including the order's cancels", async () => {
  const { url, faults, book } = await sandboxFor();
  const tid = await approve(url, "order-1");
  faults.add({ fault: "status-500", operation: "payments.cancel", oid: "order-1" });
  await approve(url, "order-2");
  const cancel = (price: string) => post(url, paths.cancel, cancelForm(tid, { price }));
  expect((await cancel("15000")).status).toBe(500);
  expect((await cancel("15000")).json.ResultCode).toBe("01");
  expect(book.find(tid)?.remaining).toBe(0);
  expect(book.requests.map(({ fault }) => fault)).toEqual([undefined, undefined, "status-500", undefined]);
});

test.each([
  ["its operation", { operation: "payments.cancel" }],
  ["its order", { oid: "order-9" }],
])("a rule with only %s does not affect others", async (_, filter) => {
  const { url, faults } = await sandboxFor();
  faults.add({ fault: "status-500", ...filter });
  await approve(url, "order-1");
  const tid = await approve(url, "order-2");
  const cancel = await post(url, paths.cancel, cancelForm(tid, { price: "15000" }));
  expect(cancel.status).toBe("operation" in filter ? 500 : 200);
  expect((await exchange(url, approvalOf("order-9"))).status).toBe("oid" in filter ? 500 : 200);
});

test("times limits a rule, and always applies it until cleared", async () => {
  const { url, faults } = await sandboxFor();
  const statusOf = async (oid: string) => (await exchange(url, approvalOf(oid))).status;
  faults.add({ fault: "status-500", times: 2 });
  expect([await statusOf("a"), await statusOf("b"), await statusOf("c")]).toEqual([500, 500, 200]);
  faults.add({ fault: "status-500", times: "always" });
  expect([await statusOf("d"), await statusOf("e"), await statusOf("f")]).toEqual([500, 500, 500]);
  await faults.clear();
  expect(await statusOf("g")).toBe(200);
});

test("a malformed request under a fault is logged as rejected", async () => {
  const { url, faults, book } = await sandboxFor();
  faults.next("reset-after-commit");
  const form = { ...approvalForm({ oid: "order-1" }), signature: "0".repeat(64) };
  expect((await exchange(url, formRequest(paths.approve, form))).end).toBe("ECONNRESET");
  expect(book.requests).toMatchObject([{ outcome: "rejected", resultCode: "9011", replied: false }]);
});

test.each([
  [{ fault: "explode" }],
  [{ fault: "html", operation: "cards.approved" }],
  [{ fault: "html", times: 0 }],
  [{ fault: "html", forMs: -1 }],
  [{ fault: "refuse", operation: "cards.approve" }],
  [{ fault: "truncate", commit: false }],
  [{ fault: "html", delayMs: 5 }],
  [{ fault: "late-commit", delayMs: 0 }],
])("the contradictory rule %o is rejected", async (rule) => {
  const { faults } = await sandboxFor();
  expect(() => faults.add(rule as FaultRule)).toThrow(TypeError);
});
