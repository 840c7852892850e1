import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to the database that can be lost. */
export interface LossyDatabase {
  readonly url: string;
  /** Resolves when something was sent that matches; from then on there is no database until `mend`. */
  loseAt(matches: (data: Buffer) => boolean): Promise<void>;
  mend(): void;
  close(): Promise<void>;
}

export async function openLossyDatabase(databaseUrl: string): Promise<LossyDatabase> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let watch: ((data: Buffer) => boolean) | undefined;
  let isLost = false;
  const server = createServer((client) => {
    if (isLost) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      const end = () => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      };
      socket.on("error", end).on("close", end);
    }
    upstream.on("data", (data) => client.write(data));
    client.on("data", (data) => {
      if (watch?.(data)) lose();
      else upstream.write(data);
    });
  });
  let onLost = () => {};
  function lose(): void {
    isLost = true;
    for (const socket of sockets) socket.destroy();
    onLost();
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    loseAt(matches) {
      watch = matches;
      return new Promise((resolve) => {
        onLost = resolve;
      });
    },
    mend() {
      watch = undefined;
      isLost = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
