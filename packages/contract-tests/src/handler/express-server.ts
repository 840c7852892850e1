/** The process behind the Express mounts: `node express-server.js <ExpressKind>`, with the shop's settings in its environment. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import express5, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import express4 from "express4";
import { asFunction, overHttp2 } from "./node-fronts.js";
import { type ShopPath, shopFromEnvironment, shopPaths } from "./shop.js";

/** A version of Express, and the middleware in front of the handler. */
export type ExpressKind = "5" | "5-json-form" | "5-raw" | "5-function" | "4" | "4-json-form" | "http2";

interface Kind {
  readonly express: typeof express5;
  readonly parsers: RequestHandler[];
  /** What serves the app or its middlewares (default: the app itself). */
  readonly front?: (app: Express, middlewares: readonly RequestHandler[]) => Server | Promise<Server>;
}

const kinds: Record<ExpressKind, Kind> = {
  "5": { express: express5, parsers: [] },
  "5-json-form": {
    express: express5,
    parsers: [express5.json(), express5.urlencoded({ extended: false })],
  },
  "5-raw": { express: express5, parsers: [express5.raw({ type: () => true })] },
  "5-function": { express: express5, parsers: [], front: asFunction },
  http2: { express: express5, parsers: [], front: (_app, middlewares) => overHttp2(middlewares) },
  "4": { express: express4, parsers: [] },
  "4-json-form": {
    express: express4,
    parsers: [express4.json(), express4.urlencoded({ extended: false })],
  },
};

const { express, parsers, front } = kinds[process.argv[2] as ExpressKind];
const shop = await shopFromEnvironment();
const app = express();
for (const parser of parsers) app.use(parser);
const middlewares = (Object.keys(shopPaths) as ShopPath[]).map((path) =>
  createPayApiMiddleware(shop.options(path)),
);
app.use(...middlewares);
app.use((_request, response) => {
  response.status(404).json({ passedOn: true });
});
if (parsers.length > 0) app.use(answerParserError);
const server = (await front?.(app, middlewares)) ?? createServer(app);
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}\nReady`);
});
process.once("SIGTERM", () => {
  server.closeAllConnections();
  server.close(() => void shop.close());
});

/** An error of express.json() holds the whole body, card number and all, and Express prints unhandled errors. */
function answerParserError(error: Error, _request: Request, response: Response, _next: NextFunction): void {
  response.status("status" in error ? Number(error.status) : 500).json({ parserError: error.name });
}
