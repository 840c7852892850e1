import { createServer } from "node:http";
import { readSettings } from "../shop/settings.js";
import { openShop } from "../shop/shop.js";
import { untilTold } from "../supervisor/child-life.js";
import { createBackOffice } from "./app.js";
import { Staff } from "./staff.js";

const recoverEveryMs = 10_000;

const settings = readSettings();
const shop = await openShop(settings);
const staff = new Staff(process.env.STAFF_SECRET ?? "");
if (!process.env.STAFF_SECRET) throw new Error("STAFF_SECRET is not set");
const server = createServer(createBackOffice(shop, staff));
const { hostname, port } = new URL(settings.publicOrigin);
server.listen(Number(port || 80), hostname);

/** Calls whose process died are ended here, so that their orders show up under 확인 필요. */
const recover = () => {
  shop.ledger.recover().catch((error: unknown) => {
    console.error(`recover() failed: ${error instanceof Error ? error.message : typeof error}`);
  });
};
recover();
const timer = setInterval(recover, recoverEveryMs).unref();

await untilTold();
clearInterval(timer);
await new Promise<void>((resolve) => {
  server.close(() => resolve());
});
await shop.close();
process.exit(0);
