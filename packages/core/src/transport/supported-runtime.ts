import { ClientRequest } from "node:http";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { PayApiError } from "../errors.js";
import type { LocalizedMessage } from "../language.js";

/** Bun before 1.4 and Deno 2.0 and 2.1 ignore `createConnection`. */
export const anotherConnection: LocalizedMessage = {
  en: ", or a library that intercepts node:http, would send over another connection than the verified one",
  ko: " 또는 node:http를 가로채는 라이브러리가 검증된 연결이 아닌 다른 연결을 사용하려고 하여",
};

/** Deno up to 2.7.1 reports `secureConnect` before the handshake. */
export const tooEarly: LocalizedMessage = {
  en: " reports a TLS connection before it has verified the gateway's certificate",
  ko: "이 결제사 인증서를 확인하기 전에 TLS 연결 완료를 알려",
};

/**
 * Checks, without a connection, what this runtime does with a request on a connection of ours. No list of versions decides.
 *
 * @throws PayApiError `unsupported-runtime`
 */
export function checkRuntime(): void {
  if (!usesOurConnection()) refuse(anotherConnection);
  // A runtime that lacks this method cannot tell that a handshake is complete.
  if (typeof TLSSocket.prototype.getProtocol !== "function") refuse(tooEarly);
}

/** Creates a request on a socket that is never connected, and sends nothing. */
function usesOurConnection(): boolean {
  const socket = new Socket();
  let used = false;
  // The class, not `http.request`: tracing libraries would record this as a call.
  const request = new ClientRequest({
    host: "127.0.0.1",
    createConnection: () => {
      used = true;
      return socket;
    },
  });
  request.on("error", () => {});
  request.destroy();
  socket.destroy();
  return used;
}

function refuse(message: LocalizedMessage): never {
  throw new PayApiError({ code: "unsupported-runtime", message: unsupportedRuntimeMessage(message) });
}

/** Returns the message, in both languages, for a runtime that would not send over the verified connection. */
export function unsupportedRuntimeMessage({ en, ko }: LocalizedMessage): string {
  const { bun, deno, node } = process.versions as Partial<Record<string, string>>;
  const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node.js ${node}`;
  return (
    `This runtime (${runtime})${en}; nothing was sent. Use Node.js >= 20.19, Bun >= 1.4 or Deno >= 2.8. ` +
    `이 런타임(${runtime})${ko} 전송하지 않았습니다. Node.js 20.19, Bun 1.4, Deno 2.8 이상을 사용하세요.`
  );
}
