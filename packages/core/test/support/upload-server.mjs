/**
 * A process whose memory is watched while it is sent far more than it reads. It runs what was compiled; `--expose-gc` lets
 * it tell what it holds from what it has not yet thrown away.
 */
import { createServer } from "node:http";
import { createPayApiHandler } from "../../dist/handler/index.js";
import { createPayApi } from "../../dist/index.js";
import { sendWebResponse, toWebRequest } from "../../dist/internal.js";

const silent = () => {};
const handler = createPayApiHandler({
  payapi: createPayApi({
    environment: "sandbox",
    mid: "sandbox001",
    signKey: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
    fieldKey: "1".repeat(32),
    fieldIv: "1".repeat(16),
  }),
  publicUrl: "https://shop.example",
  basePath: "",
  groups: ["notifications"],
  clientAddress: () => "127.0.0.1",
  ledger: { store: { receiveNotification: async () => ({ effect: "applied" }) } },
  logger: silent,
});

const readings = {
  "/unread": async () => {},
  "/limited": async (reader) => {
    for (let size = 0; size <= 64 * 1024; ) size += (await reader.read()).value.byteLength;
    await reader.cancel();
  },
  // Until it holds as much as it ever will, which it tells: that no more comes is seen by the client.
  "/held": async (reader, message) => {
    await reader.read();
    while (message.readableLength < message.readableHighWaterMark) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const released = new Promise((resolve) => process.once("message", resolve));
    process.send("holding");
    await released;
    held = Math.max(held, message.readableLength);
  },
};

let peak = 0;
let held = 0;
const used = () => {
  globalThis.gc();
  return process.memoryUsage.rss();
};
setInterval(() => {
  peak = Math.max(peak, used());
}, 20);
process.on("message", (question) => {
  if (question === "release") return;
  process.send({ peak, held, now: used() });
  peak = 0;
});

const server = createServer(async (message, target) => {
  const request = toWebRequest(message, { origin: "https://shop.example" });
  if (readings[message.url] === undefined) {
    await sendWebResponse(target, await handler(request, undefined));
    return;
  }
  await readings[message.url](request.body.getReader(), message);
  await sendWebResponse(target, new Response("too large", { status: 413 }));
});
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
