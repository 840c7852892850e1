import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Client } from "pg";
import { onTestFinished } from "vitest";

/** What PgBouncer keeps for each of its clients; it refuses any other parameter of a session. */
const kept = ["user", "database", "application_name", "client_encoding", "datestyle", "timezone"];

/**
 * Fails if the session would carry something over to the next transaction, which belongs to another client. A prepared statement of ours
 * changes nothing for others.
 */
const askWhatIsLeft = query(`DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_prepared_statements WHERE name NOT LIKE 'payapi!_%' ESCAPE '!') OR EXISTS (SELECT FROM pg_listening_channels())
    OR EXISTS (SELECT FROM pg_settings WHERE source = 'session')
    OR EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())
  THEN RAISE EXCEPTION 'the session keeps something'; END IF; END $$`);

interface Server {
  readonly stream: Socket;
  readonly pid: number;
  answer: (frame: Buffer) => void;
}

/**
 * As PgBouncer with transaction pooling: each transaction goes to the server connection that was used longest ago, so
 * never to the one before. Ends with the test.
 */
export async function poolingProxy(databaseUrl: string) {
  const idle = await Promise.all(Array.from({ length: 3 }, () => connectServer(databaseUrl)));
  const servers = [...idle];
  const waiting: ((server: Server) => void)[] = [];
  const used = new Set<number>();
  const complaints: string[] = [];
  const clients = new Set<Socket>();

  function lend(server: Server): void {
    const next = waiting.shift();
    if (next === undefined) idle.push(server);
    else next(server);
  }

  function takeBack(server: Server): void {
    server.answer = (frame) => {
      if (typeOf(frame) === "E") complaints.push(frame.toString("latin1"));
      if (typeOf(frame) === "Z") lend(server);
    };
    server.stream.write(askWhatIsLeft);
  }

  /** Messages of one client: the first ones wait for a server, and the last answer gives it back. */
  function carry(client: Socket): (frame: Buffer) => void {
    let server: Server | undefined;
    let frames: Buffer[] | undefined;
    const take = (given: Server) => {
      server = given;
      used.add(given.pid);
      given.answer = (frame) => {
        client.write(frame);
        if (typeOf(frame) !== "Z" || frame.toString("latin1", 5) !== "I") return;
        server = undefined;
        takeBack(given);
      };
      for (const frame of frames ?? []) given.stream.write(frame);
      frames = undefined;
    };
    return (frame) => {
      if (typeOf(frame) === "X") client.end();
      else if (server !== undefined) server.stream.write(frame);
      else if (frames !== undefined) frames.push(frame);
      else {
        frames = [frame];
        const free = idle.shift();
        if (free === undefined) waiting.push(take);
        else take(free);
      }
    };
  }

  const proxy = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    const forward = carry(client);
    let begun = false;
    const receive = split(0, (startup) => {
      const parameters = startup.toString("utf8", 8).split("\0");
      const refused = parameters.find(
        (name, place) => place % 2 === 0 && name !== "" && !kept.includes(name.toLowerCase()),
      );
      if (refused !== undefined) {
        client.end(fatal(`unsupported startup parameter: ${refused}`));
        return;
      }
      client.write(Buffer.concat([frameOf("R", Buffer.alloc(4)), frameOf("Z", Buffer.from("I"))]));
    });
    const receiveLater = split(1, forward);
    client.on("data", (data) => {
      if (begun) receiveLater(data);
      else receive(data);
      begun = true;
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(async () => {
    for (const socket of [...clients, ...servers.map(({ stream }) => stream)]) socket.destroy();
    proxy.close();
    await once(proxy, "close");
  });
  const { port } = proxy.address() as AddressInfo;
  const url = Object.assign(new URL(databaseUrl), { hostname: "127.0.0.1", port: String(port) }).href;
  return { url, used, complaints };
}

/** A connection that `pg` has logged in, and then lets go of. */
async function connectServer(databaseUrl: string): Promise<Server> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.removeAllListeners();
  stream.on("error", () => stream.destroy());
  const server: Server = { stream, pid: rows[0].pid, answer: () => {} };
  stream.on(
    "data",
    split(1, (frame) => server.answer(frame)),
  );
  return server;
}

/** Cuts a stream into messages: `offset` bytes of type, then four of length. */
function split(offset: number, onFrame: (frame: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= offset + 4) {
      const length = offset + rest.readInt32BE(offset);
      if (rest.length < length) return;
      const frame = Buffer.from(rest.subarray(0, length));
      rest = Buffer.from(rest.subarray(length));
      onFrame(frame);
    }
  };
}

function typeOf(frame: Buffer): string {
  return frame.toString("latin1", 0, 1);
}

function frameOf(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function query(text: string): Buffer {
  return frameOf("Q", Buffer.from(`${text}\0`));
}

function fatal(message: string): Buffer {
  return frameOf("E", Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message}\0\0`));
}
