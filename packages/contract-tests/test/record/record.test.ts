import { describePaymentRecord } from "../../src/record-suite.js";
import { rooms } from "./open-ledgers.js";

for (const [name, open] of rooms) {
  describePaymentRecord(`ledger in ${name}`, async () => {
    const room = await open();
    const { ledger, another } = await room.ledgers();
    return { record: ledger, another, close: room.close };
  });
}
