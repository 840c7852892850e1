import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Operation } from "@payapi/core/operations";
import type { Book } from "../book/book.js";
import type { OpenEntry, RequestEntry } from "../book/request-log.js";
import { encodeText } from "../http/charset.js";
import { readForm } from "../http/form.js";
import { sendText } from "../http/send.js";
import type { Clock } from "../time/clock.js";
import { redactForm } from "./codecs.js";
import type { FaultPlan } from "./faults.js";
import { type Gateway, type GatewayReply, rejectionReply } from "./gateway.js";
import { injectFault, type ReplyFormat } from "./inject-fault.js";
import { Rejection } from "./result-codes.js";

/** What answering a request needs. */
export interface RequestContext {
  readonly book: Book;
  readonly gateway: Gateway;
  readonly faults: FaultPlan;
  readonly clock: Clock;
  readonly stalled: Set<Socket>;
  readonly rawSocket: (request: IncomingMessage) => Socket | undefined;
  readonly originOf: (request: IncomingMessage) => string;
  readonly log: (line: string) => void;
}

/** A readable request to the gateway, not carried out yet. */
export interface Incoming {
  /** `undefined` for an unknown path. */
  readonly operation?: string;
  readonly about?: { readonly oid?: string; readonly tid?: string };
  readonly sent?: Readonly<Record<string, string>>;
  readonly format: ReplyFormat;
  process(): GatewayReply;
}

export const JSON_FORMAT: ReplyFormat = {
  contentType: "application/json; charset=utf-8",
  charset: "utf-8",
  print: JSON.stringify,
};

/** Answers a request to the gateway, with faults, and adds it to the log. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
): Promise<void> {
  const { gateway } = context;
  const path = request.url ?? "";
  const form = await readOrReject(request);
  const operation = gateway.operationAt(path, form instanceof Rejection ? undefined : form);
  if (form instanceof Rejection || !operation) {
    const rejection = operation && form instanceof Rejection ? form : new Rejection("unknownPath");
    reject(rejection, operation, response, context);
    return;
  }
  const origin = context.originOf(request);
  answerIncoming(
    {
      operation: operation.name,
      about: gateway.identify(operation, form),
      sent: redactForm(operation, form),
      format: JSON_FORMAT,
      process: () => gateway.process(operation, form, origin),
    },
    request,
    response,
    context,
  );
}

/** Processes and answers a request, unless a fault applies. */
export function answerIncoming(
  incoming: Incoming,
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
): void {
  const { faults, book, clock, log } = context;
  const { operation = "", about, sent, format } = incoming;
  const fault = faults.takeRequest({ operation, oid: about?.oid });
  const socket = fault && context.rawSocket(request);
  if (!fault || !socket) {
    deliver(incoming.process(), incoming, response, context);
    return;
  }
  const reply = fault.phase === "after" ? incoming.process() : undefined;
  const struck = injectFault(fault.kind, {
    response,
    socket,
    format,
    reply,
    stalled: context.stalled,
    resultCode: fault.resultCode,
  });
  const entry = book.log({
    operation,
    ...about,
    ...(sent && { sent }),
    ...(reply ? described(reply) : { outcome: fault.phase === "late" ? "pending" : "dropped" }),
    ...struck,
    replied: false,
    fault: fault.kind,
  });
  log(describe(entry));
  if (fault.phase === "late") {
    clock.schedule(fault.delayMs, () => {
      Object.assign(entry satisfies OpenEntry, described(incoming.process()));
      log(describe(entry));
    });
  }
}

/** Answers a request that cannot be read, in the services' format. */
function reject(
  rejection: Rejection,
  operation: Operation | undefined,
  response: ServerResponse,
  context: RequestContext,
): void {
  const reply = rejectionReply(rejection);
  const incoming = {
    ...(operation && { operation: operation.name }),
    format: JSON_FORMAT,
    process: () => reply,
  };
  deliver(reply, incoming, response, context);
}

async function readOrReject(request: IncomingMessage): Promise<ReadonlyMap<string, string> | Rejection> {
  try {
    return await readForm(request);
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
}

function deliver(
  reply: GatewayReply,
  { operation, sent, format }: Incoming,
  response: ServerResponse,
  { book, log }: RequestContext,
): void {
  const entry = book.log({
    ...(operation !== undefined && { operation }),
    ...(sent && { sent }),
    ...described(reply),
    httpStatus: reply.status,
    replied: false,
  });
  response.once("finish", () => {
    entry.replied = true;
  });
  const bytes = encodeText(format.print(reply.body), format.charset);
  sendText(response, reply.status, format.contentType, bytes, reply.status === 405 ? { Allow: "POST" } : {});
  log(describe(entry));
}

export function described(reply: GatewayReply): Pick<RequestEntry, "outcome" | "resultCode" | "oid" | "tid"> {
  return {
    outcome: reply.outcome,
    ...(reply.resultCode !== undefined && { resultCode: reply.resultCode }),
    ...(reply.oid !== undefined && { oid: reply.oid }),
    ...(reply.tid !== undefined && { tid: reply.tid }),
  };
}

/** One line for the log; what a client could put a secret into is left out. */
function describe({ seq, operation, outcome, resultCode, httpStatus, fault }: RequestEntry): string {
  const parts = [`#${seq}`, operation ?? "-", outcome];
  if (resultCode !== undefined) parts.push(`code ${resultCode}`);
  if (httpStatus !== undefined) parts.push(`HTTP ${httpStatus}`);
  if (fault !== undefined) parts.push(`fault ${fault}`);
  return parts.join("  ");
}
