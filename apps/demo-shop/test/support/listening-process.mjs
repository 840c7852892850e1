// A server that says when it listens: node listening-process.mjs <port>
import { createServer } from "node:http";

const server = createServer((_request, response) => response.end("the right one"));
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listening"));
process.stdin.once("end", () => process.exit(0)).resume();
