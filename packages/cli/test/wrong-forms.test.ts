import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, type Shop } from "./support/shop.js";
import { restoreDatabase } from "./support/states.js";

let shop: Shop;
const note = ["--actor", "kim", "--evidence", "console, seen 03:10"];

describe("a wrong command line", () => {
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  it.each([
    [["release"], "<id>"],
    [["release", "x"], "--actor"],
    [["release", "x", "--actor", "kim"], "--evidence"],
    [["free", "x", ...note], "release"],
    [["--effect", "strange"], "--effect"],
    [["--actor", "kim"], "--actor"],
  ])("is refused: notifications %j", async (args, named) => {
    const wrong = await shop.tool(["notifications", ...args]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(named);
  });

  it.each([
    [["redeliver"], "<eventId>"],
    [["redeliver", "x", "--all"], "--all"],
    [["dead", "--all"], "--all"],
    [["--limit", "1"], "--limit"],
    [["remove"], "<consumer>"],
    [["delete", "mail"], "redeliver"],
  ])("is refused: events %j", async (args, named) => {
    const wrong = await shop.tool(["events", ...args]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(named);
  });

  it.each([
    [["accept", "--seen", "x", "--actor", "kim"], "--evidence"],
    [["accept", "--seen", "x", "--evidence", "console"], "--actor"],
    [["accept", ...note], "--seen"],
    [["--actor", "kim"], "--actor"],
    [["--seen", "x"], "--seen"],
    [["acept", ...note], "accept"],
  ])("accepts nothing: database %j", async (args, named) => {
    await restoreDatabase(shop);
    const wrong = await shop.tool(["database", ...args]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(named);
    expect((await shop.ledger.operations.database()).accepted).toBe(false);
  });
});
