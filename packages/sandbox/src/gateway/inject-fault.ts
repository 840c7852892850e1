import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Charset, encodeText } from "../http/charset.js";
import { sendJson, sendText } from "../http/send.js";
import type { FaultKind } from "./faults.js";
import type { GatewayReply } from "./gateway.js";

/** How a reply's fields are written: as JSON by the services, as name=value pairs at P_REQ_URL. */
export interface ReplyFormat {
  readonly contentType: string;
  readonly charset: Charset;
  print(body: Readonly<Record<string, string>>): string;
}

/** A request whose reply goes wrong. */
export interface Struck {
  readonly response: ServerResponse;
  /** The connection below TLS: only TCP can be reset. */
  readonly socket: Socket;
  readonly format: ReplyFormat;
  /** The gateway's reply; absent if the request was not carried out. */
  readonly reply: GatewayReply | undefined;
  /** For `result-code`. */
  readonly resultCode: string;
  /** Where stalled connections wait to be let go. */
  readonly stalled: Set<Socket>;
}

const page = (title: string) =>
  `<!doctype html><html lang="ko"><meta charset="utf-8"><title>안내</title><h1>${title}</h1></html>`;
/** More than any client of this gateway should read. */
const OVERSIZE = 512 * 1024;

/** Carries out a fault and says which HTTP status the client was sent, if any. */
export function injectFault(
  kind: FaultKind,
  { response, socket, format, reply, stalled, resultCode }: Struck,
): { httpStatus?: number } {
  const status = reply?.status ?? 200;
  const body = reply?.body ?? {};
  const send = (changed: Readonly<Record<string, string>>, charset = format.charset) => {
    sendText(response, status, format.contentType, encodeText(format.print(changed), charset));
    return { httpStatus: status };
  };
  switch (kind) {
    case "stall-before-commit":
    case "stall-after-commit":
      stalled.add(socket);
      socket.once("close", () => stalled.delete(socket));
      return {};
    case "truncate": {
      const bytes = encodeText(format.print(body), format.charset);
      response.writeHead(status, { "Content-Type": format.contentType, "Content-Length": bytes.length });
      response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => socket.destroy());
      return { httpStatus: status };
    }
    case "empty":
      sendText(response, 200, format.contentType, "");
      return { httpStatus: 200 };
    case "html":
      sendText(response, 200, "text/html; charset=utf-8", page("서비스 점검 중입니다"));
      return { httpStatus: 200 };
    case "redirect":
      // To the same URL: a client that follows would send the request again and move the money twice.
      sendText(response, 307, "text/html; charset=utf-8", "", { Location: response.req.url ?? "/" });
      return { httpStatus: 307 };
    case "status-500":
      sendJson(response, 500, { ResultCode: "9999", ResultMsg: "시스템 오류가 발생하였습니다" });
      return { httpStatus: 500 };
    case "status-403":
      sendText(response, 403, "text/html; charset=utf-8", page("접근이 차단되었습니다"));
      return { httpStatus: 403 };
    case "oversized":
      return send({ ...body, Padding: "x".repeat(OVERSIZE) });
    case "wrong-charset":
      return send(body, format.charset === "utf-8" ? "euc-kr" : "utf-8");
    case "result-code": {
      // Without a commit the reply has nothing but the code.
      const code = format.contentType.startsWith("application/json") ? "ResultCode" : "P_STATUS";
      return send({ ...body, [code]: resultCode });
    }
    case "wrong-price":
      return send(withAnotherPrice(body));
    case "no-tid":
      return send(withoutTid(body));
    default:
      socket.resetAndDestroy();
      return {};
  }
}

function withoutTid({ tid: _, Tid: __, P_TID: ___, ...rest }: Readonly<Record<string, string>>) {
  return rest;
}

function withAnotherPrice(body: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      name === "Price" || name === "P_AMT" ? String(Number(value) + 1) : value,
    ]),
  );
}
