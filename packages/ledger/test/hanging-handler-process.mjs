// One run for a handler that never ends, in a process that nothing else keeps alive: node hanging-handler-process.mjs
import { createLedger, createMemoryStore } from "../dist/internal.js";

const mid = "testmid";
const store = createMemoryStore();
const ledger = createLedger({ mid, environment: "sandbox" }, store);
const event = {
  id: "00000000-0000-4000-8000-000000000001",
  mid,
  kind: "approved",
  orderingKey: "order:a",
  at: new Date(),
  data: JSON.stringify({ orderId: "a" }),
};
await store.save({ mid, events: [event] });
const run = await ledger.operations.runOnce({
  consumer: "shop",
  handlerTimeoutMs: 200,
  on: { approved: () => new Promise(() => {}) },
  onError: ({ name }) => console.log(name),
});
console.log(JSON.stringify(run));
