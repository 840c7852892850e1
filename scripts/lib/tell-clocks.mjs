/** Prints the time by the clocks of Node.js, PostgreSQL and Chromium, in milliseconds since 1970, as one line of JSON. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./workspace.mjs";

const services = join(root, "packages", "dev-services");
const { Client } = createRequire(join(services, "package.json"))("pg");
const load = (name) => import(pathToFileURL(join(services, "dist", `${name}.js`)).href);
const { startLocalPostgres } = await load("postgres");
const { launchChromium } = await load("chromium");

async function postgresTime() {
  const postgres = await startLocalPostgres();
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query("select now() as now");
  await client.end();
  await postgres.stop();
  return rows[0].now.getTime();
}

async function chromiumTime() {
  const browser = await launchChromium();
  const page = await browser.newPage();
  const time = await page.evaluate(() => Date.now());
  await browser.close();
  return time;
}

const [PostgreSQL, Chromium] = [await postgresTime(), await chromiumTime()];
console.log(JSON.stringify({ "Node.js": Date.now(), PostgreSQL, Chromium }));
