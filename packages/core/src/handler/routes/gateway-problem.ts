import type { CallOutcome } from "../../record/index.js";
import { HandlerProblem } from "../problems.js";

/** The problem with a call that moves no money, so that it may be tried again whatever became of it. */
export function gatewayProblem({
  outcome,
  resultCode,
  resultMessage,
}: Pick<CallOutcome, "outcome" | "resultCode" | "resultMessage">): HandlerProblem {
  if (outcome === "not-sent") return new HandlerProblem("not-sent");
  if (outcome !== "refused") return new HandlerProblem("gateway-no-answer");
  return new HandlerProblem("gateway-refused", {
    gateway: {
      ...(resultCode === undefined ? {} : { resultCode }),
      ...(resultMessage === undefined ? {} : { resultMessage }),
    },
  });
}
