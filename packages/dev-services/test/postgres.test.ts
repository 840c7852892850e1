import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { startLocalPostgres } from "@payapi/dev-services/postgres";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { query } from "./query.js";
import { temporaryFolderOfOurOwn } from "./temporary-folder.js";

test("gives a real PostgreSQL 18 that syncs to disk and listens on this machine only", async () => {
  const postgres = await startLocalPostgres();
  onTestFinished(postgres.stop);
  const settings = await query(
    postgres.url,
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
            current_setting('server_encoding') as encoding`,
  );
  expect(settings).toEqual({
    version: expect.stringMatching(/^18\./),
    fsync: "on",
    addresses: "127.0.0.1",
    sockets: "",
    encoding: "UTF8",
  });
  const unicode = await query(postgres.url, "select upper('é') as upper, length('결제') as length");
  expect(unicode).toEqual({ upper: "É", length: 2 });
});

test("rejects connections without the password", async () => {
  const postgres = await startLocalPostgres();
  onTestFinished(postgres.stop);
  const url = new URL(postgres.url);
  url.password = "guess";
  await expect(query(url.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
});

test("stop ends the server, also under a client that holds a transaction open, and removes its data", async () => {
  const postgres = await startLocalPostgres();
  const [folder] = await query(postgres.url, "select current_setting('data_directory') as data").then(
    (row) => Object.values(row) as [string],
  );
  const client = new Client({ connectionString: postgres.url });
  client.on("error", () => {});
  await client.connect();
  await client.query("begin");
  await postgres.stop();
  await postgres.stop();
  expect(existsSync(folder)).toBe(false);
  await expect(query(postgres.url, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("several starts at once do not disturb each other", async () => {
  const servers = await Promise.all([startLocalPostgres(), startLocalPostgres(), startLocalPostgres()]);
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  expect(new Set(servers.map((server) => server.url)).size).toBe(3);
  for (const server of servers) expect(await query(server.url, "select 1 as one")).toEqual({ one: 1 });
});

test("a port that another program holds is a clear error and leaves nothing behind", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  onTestFinished(() => void holder.close());
  const address = holder.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const temporary = await temporaryFolderOfOurOwn();
  await expect(startLocalPostgres({ port })).rejects.toThrow(`Port ${port} is in use`);
  expect((await readdir(temporary)).filter((name) => name.startsWith("payapi-postgres-"))).toEqual([]);
});
