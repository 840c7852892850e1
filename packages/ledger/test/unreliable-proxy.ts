import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What happens to the next commit that passes: of a transaction, or of a statement that saves an order. */
export type CommitFault =
  /** The connection ends before the server sees it. */
  | "lose"
  /** The server carries it out, and the connection ends before its answer arrives. */
  | "lose-answer"
  /** Every connection ends before the server sees it. */
  | "lose-all"
  /** The answer arrives this many milliseconds late. */
  | number;

/** A way to the database that fails when asked to, until the end of the test. */
export async function unreliableProxy(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const faults: CommitFault[] = [];
  // A statement is sent with its text once, and then goes by its name.
  const saving = new Set<string>();
  const isCommit = (data: Buffer) => {
    for (const [, name] of data.toString("latin1").matchAll(/(payapi_[\w-]+)\0WITH guard/g))
      saving.add(name ?? "");
    return data.includes("COMMIT\0") || [...saving].some((name) => data.includes(name));
  };
  let pattern = (): CommitFault | undefined => undefined;
  let refusing = false;
  let delayMs = 0;

  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };

  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port || 5432), target.hostname);
    let fault: CommitFault | undefined;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    client.on("data", (data) => {
      if (isCommit(data)) fault = faults.shift() ?? pattern();
      if (fault === "lose-all") cut();
      else if (fault === "lose") end();
      else upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (fault === "lose-answer") end();
      else if (fault !== undefined) setTimeout(() => client.write(data), Number(fault));
      else if (delayMs > 0) setTimeout(() => client.write(data), delayMs);
      else client.write(data);
      fault = undefined;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  onTestFinished(async () => {
    cut();
    server.close();
    await once(server, "close");
  });
  return {
    url: url.href,
    failNextCommit: (...next: CommitFault[]) => void faults.push(...next),
    /** Asked at every commit. */
    failCommits(by: typeof pattern) {
      pattern = by;
    },
    /** Ends every connection; with `true`, refuses new ones until the next call. */
    cut(refuse = false) {
      refusing = refuse;
      cut();
    },
    /** Every answer arrives this many milliseconds late, as from a database far away. */
    delay(ms: number) {
      delayMs = ms;
    },
    accept() {
      refusing = false;
    },
  };
}
