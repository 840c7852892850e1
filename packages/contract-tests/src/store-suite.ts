import { randomUUID } from "node:crypto";
import type { LedgerStore } from "@payapi/ledger/internal";
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { describeBooks } from "./store-books-suite.js";
import { describeDatabase } from "./store-database-suite.js";
import { describeKeyRows } from "./store-key-suite.js";
import { describeLists } from "./store-list-suite.js";
import { describeNotifications } from "./store-notification-suite.js";
import { describeOrders } from "./store-order-suite.js";
import { describePageRows } from "./store-page-suite.js";
import { describeRules } from "./store-rule-suite.js";

/** The tests that every store of the ledger must pass. */
export function describeLedgerStore(name: string, open: () => Promise<LedgerStore>): void {
  describe(`LedgerStore: ${name}`, () => {
    let store: LedgerStore;
    let mid: string;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());
    beforeEach(() => {
      mid = `mid-${randomUUID()}`;
    });

    const opened = () => ({ store, mid });
    describeDatabase(opened);
    describeOrders(opened);
    describeBooks(opened);
    describeRules(opened);
    describeLists(opened);
    describePageRows(opened);
    describeNotifications(opened);
    describeKeyRows(opened);
  });
}
