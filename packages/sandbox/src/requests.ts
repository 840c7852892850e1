import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Operation } from "@payapi/core/operations";
import type { Book, RequestEntry } from "./book.js";
import type { FaultPlan } from "./faults.js";
import { type Gateway, type GatewayReply, operationAt, rejectionReply } from "./gateway.js";
import { injectFault } from "./inject-fault.js";
import { readForm } from "./read-form.js";
import { Rejection } from "./result-codes.js";
import { sendJson } from "./send.js";

/** What answering a request needs. */
export interface RequestContext {
  readonly book: Book;
  readonly gateway: Gateway;
  readonly faults: FaultPlan;
  readonly stalled: Set<Socket>;
  readonly rawSocket: (request: IncomingMessage) => Socket | undefined;
  readonly log: (line: string) => void;
}

/** Answers one request to the gateway, faults included, and enters it in the log. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
): Promise<void> {
  const operation = operationAt(request.url ?? "");
  const form = await readOrReject(request, operation);
  if (form instanceof Rejection || !operation) {
    const rejection = form instanceof Rejection ? form : new Rejection("unknownPath");
    deliver(rejectionReply(rejection), operation, response, context);
    return;
  }
  const { gateway, faults, book } = context;
  const about = gateway.identify(operation, form);
  const fault = faults.takeRequest({ operation: operation.name, oid: about.oid });
  const socket = fault && context.rawSocket(request);
  if (!fault || !socket) {
    deliver(gateway.process(operation, form), operation, response, context);
    return;
  }
  const reply = fault.phase === "before" ? undefined : gateway.process(operation, form);
  const sent = injectFault(fault.kind, { response, socket, reply, stalled: context.stalled });
  const entry = book.log({
    operation: operation.name,
    ...about,
    ...(reply ? described(reply) : { outcome: "dropped" as const }),
    ...sent,
    replied: false,
    fault: fault.kind,
  });
  context.log(describe(entry));
}

async function readOrReject(
  request: IncomingMessage,
  operation: Operation | undefined,
): Promise<ReadonlyMap<string, string> | Rejection> {
  try {
    const form = await readForm(request);
    return operation ? form : new Rejection("unknownPath");
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return operation ? error : new Rejection("unknownPath");
  }
}

function deliver(
  reply: GatewayReply,
  operation: Operation | undefined,
  response: ServerResponse,
  { book, log }: RequestContext,
): void {
  const entry = book.log({
    ...(operation && { operation: operation.name }),
    ...described(reply),
    httpStatus: reply.status,
    replied: false,
  });
  response.once("finish", () => {
    entry.replied = true;
  });
  sendJson(response, reply.status, reply.body, reply.status === 405 ? { Allow: "POST" } : {});
  log(describe(entry));
}

function described(reply: GatewayReply): Pick<RequestEntry, "outcome" | "resultCode" | "oid" | "tid"> {
  return {
    outcome: reply.outcome,
    ...(reply.body.ResultCode !== undefined && { resultCode: reply.body.ResultCode }),
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
