import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPayApi } from "@payapi/core";
import { launchChromium } from "@payapi/dev-services/chromium";
import type {} from "@payapi/dev-services/vitest";
import { type Ledger, openLedger } from "@payapi/ledger";
import { sandboxMerchant } from "@payapi/sandbox";
import pg from "pg";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { inject } from "vitest";
// Built code: the demo starts its servers from files beside it.
import { type Demo, startDemo } from "../../dist/supervisor/demo.js";
import { openFulfilment } from "../../src/shop/events/fulfilment.js";
import { createTestDatabase } from "./test-database.js";

/** The whole demo on free ports with a database of its own, and a browser. */
export interface OpenShop {
  readonly demo: Demo;
  readonly ledger: Ledger;
  /** The steps of an order's fulfilment so far. */
  fulfilmentOf(orderId: string): Promise<readonly string[]>;
  /** A buyer with a browser profile of their own. */
  newBuyer(options?: BrowserContextOptions): Promise<{ context: BrowserContext; page: Page }>;
  /** A staff member who has used the one-time link. */
  newStaff(): Promise<Page>;
  close(): Promise<void>;
}

export async function openShop(): Promise<OpenShop> {
  const database = await createTestDatabase(inject("databaseUrl"));
  const journal = await mkdtemp(join(tmpdir(), "ondam-journal-"));
  const demo = await startDemo({
    journal,
    ports: { storefront: 0, backOffice: 0, sandbox: 0 },
    databaseUrl: database.url,
  });
  const browser: Browser = await launchChromium();
  const ledger = await openLedger({
    payapi: createPayApi({ ...sandboxMerchant, environment: "sandbox", baseUrl: demo.sandboxUrl }),
    database: database.url,
    maxPauseMs: 60_000,
    closeTimeoutMs: 0,
  });
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  const contextOf = (options: BrowserContextOptions = {}) =>
    browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "ko-KR", ...options });
  return {
    demo,
    ledger,
    async fulfilmentOf(orderId) {
      return (await openFulfilment(pool).stepsOf(orderId)).map(({ state }) => state);
    },
    async newBuyer(options) {
      const context = await contextOf(options);
      return { context, page: await context.newPage() };
    },
    async newStaff() {
      const page = await (await contextOf()).newPage();
      await page.goto(demo.staffLink());
      await page.waitForURL(`${demo.backOfficeUrl}/`);
      return page;
    },
    async close() {
      await ledger.close();
      await pool.end();
      await browser.close();
      await demo.stop();
      await database.drop();
      await rm(journal, { recursive: true });
    },
  };
}
