import { createServer } from "node:http";
import { startShopWorker } from "../shop/events/shop-worker.js";
import { openShop, readSettings } from "../shop/shop.js";
import { untilStopped } from "../supervisor/child-life.js";
import { createBackOffice } from "./app.js";
import { Staff } from "./staff.js";

const settings = readSettings();
const shop = await openShop(settings);
const staff = new Staff(process.env.STAFF_SECRET ?? "");
if (!process.env.STAFF_SECRET) throw new Error("STAFF_SECRET is not set");
const server = createServer(createBackOffice(shop, staff));
const { hostname, port } = new URL(settings.publicOrigin);
server.listen(Number(port || 80), hostname, () => console.log("The back office is open."));

// It ends with the ledger, below.
startShopWorker(shop);

await untilStopped();
await new Promise<void>((resolve) => {
  server.close(() => resolve());
});
await shop.close();
process.exit(0);
