import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FaultKind } from "./faults.js";
import type { GatewayReply } from "./gateway.js";
import { sendJson, sendText } from "./send.js";

/** A request whose reply goes wrong. */
export interface Struck {
  readonly response: ServerResponse;
  /** The connection below TLS: only TCP can be reset. */
  readonly socket: Socket;
  /** The gateway's reply; absent if the request was not carried out. */
  readonly reply: GatewayReply | undefined;
  /** Where stalled connections wait to be let go. */
  readonly stalled: Set<Socket>;
}

const ERROR_PAGE = `<!doctype html><html lang="ko"><meta charset="utf-8"><title>안내</title><h1>서비스 점검 중입니다</h1></html>`;

/** Carries out a fault and says which HTTP status the client was sent, if any. */
export function injectFault(
  kind: FaultKind,
  { response, socket, reply, stalled }: Struck,
): { httpStatus?: number } {
  switch (kind) {
    case "stall-before-commit":
    case "stall-after-commit":
      stalled.add(socket);
      socket.once("close", () => stalled.delete(socket));
      return {};
    case "truncate": {
      const body = Buffer.from(JSON.stringify(reply?.body ?? {}));
      const status = reply?.status ?? 200;
      response.writeHead(status, {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": body.length,
      });
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => socket.destroy());
      return { httpStatus: status };
    }
    case "html":
      sendText(response, 200, "text/html; charset=utf-8", ERROR_PAGE);
      return { httpStatus: 200 };
    case "status-500":
      sendJson(response, 500, { ResultCode: "9999", ResultMsg: "시스템 오류가 발생하였습니다" });
      return { httpStatus: 500 };
    case "wrong-price":
    case "no-tid": {
      const status = reply?.status ?? 200;
      sendJson(response, status, kind === "no-tid" ? withoutTid(reply) : withAnotherPrice(reply));
      return { httpStatus: status };
    }
    default:
      socket.resetAndDestroy();
      return {};
  }
}

function withoutTid(reply: GatewayReply | undefined): Record<string, string> {
  const { tid: _, Tid: __, ...rest } = reply?.body ?? {};
  return rest;
}

function withAnotherPrice(reply: GatewayReply | undefined): Record<string, string> {
  const body = { ...reply?.body };
  return body.Price === undefined ? body : { ...body, Price: String(Number(body.Price) + 1) };
}
