import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { asShown, commandNames, commandsIn, inShell, namedIn } from "./support/documents.js";
import { openShop, price, type Shop } from "./support/shop.js";
import {
  anHourAgo,
  deadLetter,
  givenUpKey,
  journaled,
  needsReview,
  quarantinedDeposit,
  restoreDatabase,
  stoppedKey,
  unknownIssue,
} from "./support/states.js";
import type { Env } from "./support/tool.js";

/** What a command finds, so that it has its work to do. */
interface Stage {
  readonly env?: Env;
  /** What it must end with. */
  readonly code: number;
  /** What it must print; what the document shows is compared as well. */
  readonly says?: string | RegExp;
  /** What the ledger warns of meanwhile; nothing where it is missing. */
  readonly warns?: RegExp;
  /** What is new in each run, and how the document names it. */
  readonly names?: Readonly<Record<string, string>>;
  /** That it was done. */
  done?(): Promise<void>;
}

type Scene = (shop: Shop, folder: string) => Promise<Stage>;

const status = async (shop: Shop, orderId: string) => (await shop.ledger.payments.find(orderId))?.status;

async function unknownOrder(shop: Shop, orderId: string): Promise<void> {
  await shop.unknown(await anHourAgo(shop), orderId);
}

const resolves =
  (orderId: string, to: string): Scene =>
  async (shop) => {
    await unknownOrder(shop, orderId);
    return {
      code: 0,
      says: "Resolved.",
      done: async () => expect(await status(shop, orderId)).toBe(to),
    };
  };

const redelivers =
  (letters: number): Scene =>
  async (shop) => {
    let id = "";
    for (let letter = 0; letter < letters; letter++) id = (await deadLetter(shop)).eventId;
    return {
      code: 0,
      env: { ID: id },
      says: /^\d+ put back into the queue/,
      done: async () => {
        const left = await shop.ledger.events.deadLetters();
        expect(left.map(({ event }) => event.id)).not.toContain(id);
        if (letters > 1) expect(left).toEqual([]);
      },
    };
  };

/** The console's file with one payment, which the ledger knows. */
async function exportConsole(shop: Shop, folder: string): Promise<void> {
  const { oid, tid } = await shop.paid();
  const lines = ["상태,주문번호,거래번호,금액,결제수단", `승인,${oid},${tid},${price},신용카드`];
  await writeFile(join(folder, "console.csv"), lines.join("\r\n"));
}

const scenes: Readonly<Record<string, Scene>> = {
  "payapi review": async (shop) => {
    await unknownOrder(shop, "order-1");
    await quarantinedDeposit(shop, "order-2");
    return { code: 3 };
  },
  "payapi orders order-1": async (shop) => {
    await unknownOrder(shop, "order-1");
    return { code: 3, says: "sending -> unknown" };
  },
  "payapi orders order-3": async (shop) => {
    await needsReview(shop, "order-3");
    return { code: 3 };
  },
  'payapi close order-3 --seen 3 --actor kim --evidence "console, 9,999 won refunded on 2 May, seen 09:20"':
    async (shop) => {
      await needsReview(shop, "order-3");
      return {
        code: 0,
        says: "Closed.",
        done: async () => expect(await shop.ledger.payments.needsReview()).toEqual([]),
      };
    },
  'payapi resolve order-1 --outcome moved --about approval --tid T1 --confirm-tid T1 --actor kim --evidence "console, seen 09:20"':
    resolves("order-1", "paid"),
  'payapi resolve order-1 --outcome not-moved --about approval --actor kim --evidence "console, nothing, seen 09:20"':
    resolves("order-1", "not-sent"),
  "payapi worker --once": async (shop) => {
    const earlier = await anHourAgo(shop);
    const reservation = await earlier.store.reserveApproval({ orderId: "died", price, payType: "card" });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await earlier.store.markSending(reservation.call);
    return {
      code: 0,
      says: /newly unknown +1/,
      warns: /\[recovered-unknown\]/,
      done: async () => expect(await status(shop, "died")).toBe("unknown"),
    };
  },
  "payapi notifications": async (shop) => {
    const { tid, id } = await quarantinedDeposit(shop, "order-1");
    return { code: 0, names: { [tid]: "T1", [id]: "0198f1de-7c4a-7e0b-9c55-0b6a4f3d2e11" } };
  },
  'payapi notifications release $ID --actor kim --evidence "console, deposits of 1 May, seen 09:20"': async (
    shop,
  ) => {
    const { id } = await quarantinedDeposit(shop, "order-1");
    return {
      code: 0,
      env: { ID: id },
      says: "Released.",
      done: async () => expect(await status(shop, "order-1")).toBe("paid"),
    };
  },
  "payapi keys": async (shop) => {
    const gone = await givenUpKey(shop, "alice");
    const stopped = await stoppedKey(shop, "carol");
    const issue = await unknownIssue(shop);
    const shown = "0198f1de-7c4a-7e0b-9c55-0b6a4f3d2e1";
    return {
      code: 3,
      names: {
        [issue.callId]: `${shown}3`,
        [stopped.callId]: `${shown}4`,
        [gone.callId]: `${shown}5`,
      },
    };
  },
  "payapi keys delete $ID": async (shop) => {
    const { id, callId } = await givenUpKey(shop);
    return {
      code: 0,
      env: { ID: callId },
      says: "Deleted.",
      done: async () => expect(await shop.ledger.store.findKey(id)).toMatchObject({ state: "deleted" }),
    };
  },
  'payapi keys close $ID --actor kim --evidence "console, issues of 1 May, none at 09:00, seen 09:20"':
    async (shop) => {
      const { callId } = await unknownIssue(shop);
      return {
        code: 0,
        env: { ID: callId },
        says: "Closed",
        done: async () => expect(await shop.ledger.keys.orphans()).toEqual([]),
      };
    },
  "payapi events": async (shop) => {
    await deadLetter(shop);
    return { code: 0, says: /^mail +0 +- +1$/m };
  },
  "payapi events dead": async (shop) => {
    const { eventId } = await deadLetter(shop, "order-1");
    return { code: 3, names: { [eventId]: "0198f1de-7c4a-7e0b-9c55-0b6a4f3d2e12" } };
  },
  "payapi events redeliver $ID": redelivers(1),
  "payapi events redeliver --all --consumer mail": redelivers(2),
  "payapi events remove mail --confirm mail": async (shop) => {
    await deadLetter(shop);
    return {
      code: 0,
      says: "Removed",
      done: async () => expect(await shop.ledger.events.consumers()).toEqual([]),
    };
  },
  "payapi journal": async (shop) => {
    const known = await journaled(shop, "order-2", "known");
    const { tid, file } = await journaled(shop, "order-1", "lost");
    return {
      code: 3,
      names: { [tid]: "T1", [file]: "5f0c3a52-8a0e-4c43-9b0b-0d8b1f5f2c77.json" },
      done: async () =>
        expect(await shop.ledger.payments.find("order-2")).toMatchObject({ status: "paid", tid: known.tid }),
    };
  },
  "payapi database": async (shop) => {
    await shop.paid();
    await restoreDatabase(shop);
    const { seen } = await shop.ledger.operations.database();
    return { code: 3, names: { [seen]: "5e2f0c9a41d7b836" } };
  },
  "payapi database compare --transactions console.csv": async (shop, folder) => {
    await exportConsole(shop, folder);
    await restoreDatabase(shop);
    return { code: 0, says: "1 payments compared, 0 differ." };
  },
  'payapi database accept --seen "$SEEN" --transactions console.csv --actor kim --evidence "failover of 1 May; console exported at 09:10, from 08:50 on"':
    async (shop, folder) => {
      await exportConsole(shop, folder);
      await restoreDatabase(shop);
      return {
        env: { SEEN: (await shop.ledger.operations.database()).seen },
        code: 0,
        says: "Accepted",
        done: async () =>
          expect(await shop.ledger.operations.database()).toMatchObject({ accepted: true, actor: "kim" }),
      };
    },

  "npx @payapi/cli --help": async () => ({ code: 0, says: /^ {2}review /m }),
  "npx @payapi/cli init express": async (_, folder) => {
    await writeFile(join(folder, "package.json"), "{}");
    return { code: 0, says: "payments.js" };
  },
  "npx @payapi/cli doctor --env-file shop.env": async (shop, folder) => {
    const lines = Object.entries(shop.env).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(folder, "shop.env"), lines.join(""), { mode: 0o600 });
    const nothing = Object.fromEntries(Object.keys(shop.env).map((name) => [name, ""]));
    return { code: 0, env: nothing, says: "ok     ledger-accepted" };
  },
  'payapi resolve order-42 --outcome moved --tid WEL0123 --confirm-tid WEL0123 --actor kim --evidence "console, 1 May 09:20"':
    resolves("order-42", "paid"),
  "payapi orders order-42": async (shop) => {
    const { tid } = await shop.paid("order-42");
    return { code: 0, says: tid };
  },
  "payapi cancel order-42 --amount 5000 --remaining 10000 --yes": async (shop) => {
    await shop.paid("order-42");
    return {
      code: 0,
      says: "Cancelled.",
      done: async () =>
        expect(await shop.ledger.payments.find("order-42")).toMatchObject({
          status: "partially-cancelled",
          remainingPrice: 10_000,
        }),
    };
  },
};

const documents = ["docs/guides/ledger.md", "docs/guides/billing-keys.md", "packages/cli/README.md"] as const;

// The lines are a POSIX shell's.
describe.each(documents)("%s", (path) => {
  it.each(commandsIn(path).map(({ line, output }) => [line, output] as const))("%s", async (line, output) => {
    const scene = scenes[line];
    if (scene === undefined) throw new Error("There is no scene for this command");
    const shop = await openShop();
    onTestFinished(() => shop.close());
    const folder = await mkdtemp(join(tmpdir(), "payapi-cli-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { env = {}, code, says = "", warns = /^$/, names, done } = await scene(shop, folder);
    const run = await inShell(line, folder, { ...shop.env, ...env });
    expect(run).toMatchObject({ code, stderr: expect.stringMatching(warns) });
    expect(run.stdout).toMatch(says);
    if (output !== undefined) expect(asShown(run.stdout, names)).toBe(asShown(output));
    await done?.();
  });

  it("names no other commands", () => {
    for (const name of namedIn(path)) expect(commandNames).toContain(name);
  });
});

it("every scene is one of theirs", () => {
  const lines = documents.flatMap((path) => commandsIn(path)).map(({ line }) => line);
  expect(Object.keys(scenes).filter((line) => !lines.includes(line))).toEqual([]);
});
