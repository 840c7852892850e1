// A process that settles after its database became unreachable: node journal-process.mjs <database> <schema> <journal>
import { once } from "node:events";
import { openLedger } from "../dist/index.js";

const [, , database, schema, journal] = process.argv;
const payapi = { mid: "testmid", environment: "sandbox" };
const ledger = await openLedger({ payapi, database, schema, journal, maxPauseMs: 60_000 });
const reservation = await ledger.store.reserveApproval({ orderId: "killed", price: 1_000, payType: "card" });
if (reservation.status !== "reserved") throw new Error("Refused");
await ledger.store.markSending(reservation.call);
console.log("sending");
await once(process.stdin, "data");
await ledger.store.settle(reservation.call, { outcome: "succeeded", tid: "t-killed", price: 1_000 });
