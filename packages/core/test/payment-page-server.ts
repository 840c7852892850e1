import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { merchant } from "./support/merchant.js";

/** One payment that a buyer authenticated on the page. */
export interface PagePayment {
  readonly oid: string;
  readonly price: number;
  state: "authenticated" | "approved" | "cancelled";
}

/** The fault of a route: `undefined` answers as it should. */
export type Fault = (response: ServerResponse, honest: string | Uint8Array) => void;

/**
 * A gateway as far as its page needs one: it answers P_REQ_URL in name=value pairs, takes a net cancel in JSON, and
 * keeps a book of the money's real movements.
 */
export class PageServer {
  readonly #server: Server;
  readonly book = new Map<string, PagePayment>();
  readonly requests: { readonly path: string; readonly form: URLSearchParams }[] = [];
  origin = "";
  /** Commits, and then answers so. */
  approveFault: Fault | undefined;
  cancelFault: Fault | undefined;
  /** The fields in which an approval's reply differs from the book; `undefined` leaves a field out. */
  lies: Readonly<Record<string, string | undefined>> = {};

  private constructor(certificate?: { key: string; cert: string }) {
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server = certificate ? createTlsServer(certificate, serve) : createServer(serve);
  }

  static async start(certificate?: { key: string; cert: string }): Promise<PageServer> {
    const server = new PageServer(certificate);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    const { port } = server.#server.address() as AddressInfo;
    server.origin = `${certificate ? "https" : "http"}://127.0.0.1:${port}`;
    return server;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const path = request.url ?? "";
    this.requests.push({ path, form });
    if (path === "/cancel/cancel") return answer(response, this.#cancel(form), this.cancelFault);
    if (path === "/smspay/makeUrl") {
      return answer(response, json({ ResultCode: "00", ResultMsg: "OK", MsgSend: `${this.origin}/p/1` }));
    }
    return answer(response, this.#approve(form), this.approveFault);
  }

  #approve(form: URLSearchParams): string {
    const payment = this.book.get(form.get("P_TID") ?? "");
    if (payment?.state !== "authenticated" || form.get("P_MID") !== merchant.mid) {
      return "P_STATUS=01&P_RMESG1=nothing to approve";
    }
    payment.state = "approved";
    const reply = {
      P_STATUS: "00",
      P_TID: form.get("P_TID") ?? "",
      P_TYPE: "CARD",
      P_AUTH_DT: "20261121093001",
      P_MID: merchant.mid,
      P_OID: payment.oid,
      P_AMT: String(payment.price),
      P_UNAME: "홍길동",
      P_RMESG1: "정상=승인",
      P_CARD_NUM: "411111******1111",
      P_CARD_ISSUER_CODE: "06",
      P_FN_CD1: "41",
      P_AUTH_NO: "12345678",
      ...this.lies,
    };
    return Object.entries(reply)
      .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
      .join("&");
  }

  #cancel(form: URLSearchParams): string {
    const payment = this.book.get(form.get("tid") ?? "");
    const fits = form.get("cancelType") === "C" && form.get("price") === String(payment?.price);
    if (payment?.state !== "approved" || !fits)
      return json({ ResultCode: "01", ResultMsg: "no such payment" });
    payment.state = "cancelled";
    return json({ ResultCode: "00", ResultMsg: "OK", Tid: form.get("tid"), Price: String(payment.price) });
  }
}

function answer(response: ServerResponse, honest: string, fault?: Fault): void {
  if (fault) fault(response, honest);
  else response.end(honest);
}

const json = (body: unknown) => JSON.stringify(body);
