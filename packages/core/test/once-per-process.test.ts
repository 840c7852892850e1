import { expect, it } from "vitest";
import { oncePerProcess } from "../src/internal.js";

it("what is opened once per process is opened once, also for modules that are evaluated again", async () => {
  let opened = 0;
  // What a hot reload does: the same source, evaluated again.
  const evaluate = () => oncePerProcess("test.reloads", async () => ({ connection: ++opened }));
  const results = await Promise.all(Array.from({ length: 30 }, () => evaluate()()));
  expect(new Set(results).size).toBe(1);
  expect(await evaluate()()).toEqual({ connection: 1 });
});

it.each(["at once", "later"])(
  "what could not be opened is tried again at the next call, if it failed %s",
  async (when) => {
    let tries = 0;
    const open = oncePerProcess(`test.retries ${when}`, () => {
      tries += 1;
      if (tries > 1) return tries;
      const error = new Error("the database is starting");
      if (when === "at once") throw error;
      return Promise.reject(error);
    });
    await expect(open()).rejects.toThrow("the database is starting");
    expect([await open(), await open()]).toEqual([2, 2]);
  },
);

it("names keep apart what is opened", async () => {
  const [one, other] = ["one", "other"].map((name) => oncePerProcess(`test.names ${name}`, () => name));
  expect([await one?.(), await other?.()]).toEqual(["one", "other"]);
});
