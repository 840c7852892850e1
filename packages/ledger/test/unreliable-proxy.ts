import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What happens to the next COMMIT that passes. */
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
  let pattern = (): CommitFault | undefined => undefined;
  let refusing = false;

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
      if (data.includes("COMMIT\0")) fault = faults.shift() ?? pattern();
      if (fault === "lose-all") cut();
      else if (fault === "lose") end();
      else upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (fault === "lose-answer") end();
      else if (fault !== undefined) setTimeout(() => client.write(data), Number(fault));
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
    /** Asked at every COMMIT. */
    failCommits(by: typeof pattern) {
      pattern = by;
    },
    /** Ends every connection; with `true`, refuses new ones until told otherwise. */
    cut(refuse = false) {
      refusing = refuse;
      cut();
    },
    accept() {
      refusing = false;
    },
  };
}
