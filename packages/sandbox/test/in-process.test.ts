import { describe, expect, test } from "vitest";
import { type BuyerReturn, createInProcessSandbox, type InProcessOptions } from "../src/in-process.js";
import { approvalForm, type Form, formRequest, paths } from "./support/merchant.js";
import { linkForm, servicePaths } from "./support/services.js";

const origin = "http://127.0.0.1:4010";

/** A gateway whose time only passes when somebody says so. */
function sandbox(options: Partial<InProcessOptions> = {}) {
  const due: { at: number; run: () => unknown }[] = [];
  let now = Date.now();
  const letters: { url: string; body: string }[] = [];
  const gateway = createInProcessSandbox({
    origin,
    seed: "here",
    time: { now: () => new Date(now), schedule: (ms, run) => due.push({ at: now + ms, run }) },
    notify: async (url, body) => {
      letters.push({ url, body: body.toString("latin1") });
      return { status: letters.length === 1 ? 503 : 200, body: "OK" };
    },
    ...options,
  });
  const pass = async (ms: number) => {
    now += ms;
    for (const timer of due.splice(0)) {
      if (timer.at <= now) await timer.run();
      else due.push(timer);
    }
    await new Promise(setImmediate);
  };
  const receive = (path: string, form: Form) => {
    const { status, body } = gateway.receive(path, Buffer.from(String(formRequest(path, form).body)));
    return { status, text: body.toString("utf8") };
  };
  return { ...gateway, pass, receive, letters };
}

const returned = ({ url, body }: BuyerReturn) => new URLSearchParams(body || new URL(url).search);

describe("the sandbox in one process", () => {
  test("changes its book and answers in one step, with repeatable ids", () => {
    const [one, other] = [sandbox(), sandbox()];
    for (const { receive, book } of [one, other]) {
      const { status, text } = receive(paths.approve, approvalForm({ oid: "order-1" }));
      expect({ status, code: JSON.parse(text).ResultCode }).toEqual({ status: 200, code: "00" });
      expect(book.transactions).toMatchObject([{ oid: "order-1", price: 15_000 }]);
      expect(book.requests).toMatchObject([{ operation: "cards.approve", outcome: "committed" }]);
    }
    expect(one.book.transactions[0]?.applNum).toBe(other.book.transactions[0]?.applNum);
  });

  test.each(["post", "get"] as const)(
    "leads a buyer through the payment page and back by %s once",
    (returnBy) => {
      const { receive, choose, book } = sandbox({ returnBy });
      const link = JSON.parse(receive(servicePaths.createLink, linkForm("order-2")).text).MsgSend as string;
      const back = choose(link, { action: "approve", method: "card" });
      if (back === undefined) throw new Error("The page took nobody");
      expect(back.method).toBe(returnBy.toUpperCase());
      const form = returned(back);
      const { pathname } = new URL(form.get("P_REQ_URL") ?? "");
      const approval = receive(pathname, { P_TID: form.get("P_TID") ?? "", P_MID: "sandbox001" });
      expect(approval.text).toContain("P_STATUS=00&");
      expect(book.transactions).toMatchObject([{ oid: "order-2", tid: form.get("P_TID") }]);
      expect(choose(link, { action: "approve", method: "card" })).toBeUndefined();
    },
  );

  test("repeats a notification by its given time", async () => {
    const { notifications, outside, letters, pass } = sandbox();
    notifications.register({ depositUrl: "http://127.0.0.1:1/deposit" });
    const { tid } = outside.issueAccount({ oid: "order-3", price: 1_000 });
    outside.deposit(tid);
    await pass(0);
    expect(letters).toHaveLength(1);
    await pass(600_000);
    expect(letters.map(({ url }) => url)).toEqual(Array(2).fill("http://127.0.0.1:1/deposit"));
    expect(letters[1]).toEqual(letters[0]);
    expect(notifications.list).toMatchObject([{ tid, state: "acknowledged" }]);
  });
});
