import { spawn } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { jsonReply, makeCertificate } from "./support/fault-server.js";
import { approval, approved, sandboxClient } from "./support/merchant.js";

/** A gateway that accepts no connection until it reads a byte from its standard input. */
const program = `
const [certificate, reply] = JSON.parse(process.argv[1]);
const server = require("node:tls").createServer(certificate, (socket) => {
  socket.once("data", () => socket.end(reply, "latin1"));
});
server.on("tlsClientError", () => {});
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  require("node:fs").writeSync(1, String(server.address().port));
  require("node:fs").readSync(0, Buffer.alloc(1));
});`;

// On Linux a listener whose queue is full ignores the first packet of a connection. The kernel repeats it after a second.
it.runIf(process.platform === "linux")(
  "a gateway that has two addresses and accepts after a second is waited for",
  async () => {
    const certificate = await makeCertificate();
    const argument = JSON.stringify([certificate, jsonReply(approved)]);
    const gateway = spawn(process.execPath, ["-e", program, argument], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void gateway.kill("SIGKILL"));
    const port = Number(String((await once(gateway.stdout, "data"))[0]));
    for (let place = 0; place < 2; place += 1) {
      const waiting = connect(port, "127.0.0.1").on("error", () => {});
      onTestFinished(() => void waiting.destroy());
      await once(waiting, "connect");
    }

    const { lookup } = dns;
    onTestFinished(() => {
      dns.lookup = lookup;
    });
    // Nothing listens at the second address, as where the network has no IPv6.
    const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
    dns.lookup = ((_host: string, _options: unknown, callback: (...found: unknown[]) => void) =>
      process.nextTick(() => {
        callback(null, addresses);
        // The first packet left, and was ignored; the gateway is ready for the next one.
        gateway.stdin.write(".");
      })) as unknown as typeof dns.lookup;

    const payapi = sandboxClient({
      baseUrl: `https://localhost:${port}`,
      ca: certificate.cert,
      timeoutMs: 20_000,
    });
    const start = performance.now();
    await expect(payapi.cards.approve(approval)).resolves.toMatchObject({ tid: approved.tid });
    expect(performance.now() - start).toBeGreaterThan(500);
  },
);
