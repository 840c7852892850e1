import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { FaultServer, jsonReply, makeCertificate } from "./support/fault-server.js";
import { holdClock, holdTimers, pass } from "./support/held-timers.js";
import { approval, approved, sandboxClient } from "./support/merchant.js";

let certificate: { key: string; cert: string };

beforeAll(async () => {
  certificate = await makeCertificate();
});

/** A gateway in another thread. It replies only while this thread does nothing, and does not close the connection. */
const program = `
const { parentPort, workerData } = require("node:worker_threads");
const { certificate, reply, states } = workerData;
const server = require("node:tls").createServer(certificate, (socket) => {
  let request = "";
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    request += chunk.toString("latin1");
    if (!/\\r\\n\\r\\n.+/s.test(request)) return;
    socket.removeAllListeners("data");
    parentPort.postMessage("asked");
    Atomics.wait(states, 0, 0, 20_000);
    socket.write(reply, "latin1", () => {
      Atomics.store(states, 1, 1);
      Atomics.notify(states, 1);
    });
  });
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;

it.each([
  ["a short reply", {}],
  ["a reply of 100 KB", { Pad: "x".repeat(100_000) }],
])("%s that arrived while the process was paused is read before the deadline is judged", async (_, more) => {
  const states = new Int32Array(new SharedArrayBuffer(8));
  const reply = jsonReply({ ...approved, ...more });
  const worker = new Worker(program, { eval: true, workerData: { certificate, reply, states } });
  onTestFinished(async () => void (await worker.terminate()));
  const [port] = await once(worker, "message");
  holdTimers();
  const payapi = sandboxClient({ baseUrl: `https://127.0.0.1:${port}`, ca: certificate.cert });
  const call = payapi.cards.approve(approval);
  const paused = once(worker, "message").then(() => {
    Atomics.store(states, 0, 1);
    Atomics.notify(states, 0);
    const arrived = Atomics.wait(states, 1, 0, 20_000);
    // The timers run before anything is read, as after a pause.
    vi.advanceTimersByTime(60_000);
    return arrived;
  });
  await expect(call).resolves.toMatchObject({ tid: approved.tid });
  expect(await paused).toMatch(/^ok|not-equal$/);
});

it("a gateway that never stops sending does not extend the deadline", async () => {
  const server = await FaultServer.start(certificate);
  onTestFinished(() => server.close());
  holdTimers();
  server.behaviour = async ({ tcp, tls, request }) => {
    await request();
    tcp.setNoDelay(true);
    const more = () => {
      if (tls.destroyed) return;
      tls.write("HTTP/1.1 103 Early Hints\r\n\r\n");
      setImmediate(more);
    };
    more();
    await pass(60_000);
  };
  const payapi = sandboxClient({ baseUrl: server.origin, ca: certificate.cert });
  await expect(payapi.cards.approve(approval)).rejects.toMatchObject({ code: "deadline" });
});

it("a call whose deadline passed during a pause right before its first byte is not sent", async () => {
  const server = await FaultServer.start(certificate);
  onTestFinished(() => server.close());
  holdClock();
  const payapi = sandboxClient({ baseUrl: server.origin, ca: certificate.cert });
  const call = payapi.cards.approve(approval, { beforeSend: () => pass(60_000) });
  await expect(call).rejects.toMatchObject({ code: "not-sent", outcome: "not-sent" });
  await server.drained();
  expect(server.bytesSeen).toBe(0);
});
