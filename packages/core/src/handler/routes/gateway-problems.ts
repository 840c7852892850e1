import { isShopFault } from "../../codes/index.js";
import { isPayApiError, type Problem } from "../../errors.js";
import type { Operation } from "../../operations/index.js";
import type { CallOutcome } from "../../store/index.js";
import { checkInput } from "../../wire/check-input.js";
import type { HandlerLog } from "../log-lines.js";
import type { OrderView } from "../order-view.js";
import { HandlerProblem } from "../problems.js";
import type { Services } from "../route.js";

/** Validates an operation's input before the call. */
export function checkForGateway(
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
  { payapi, logger }: Pick<Services, "payapi" | "logger">,
  about: Readonly<Record<string, string>>,
): void {
  try {
    checkInput(operation, input, payapi.environment);
  } catch (error) {
    const problems = (isPayApiError(error) && error.problems) || [];
    throw inputProblem(problems, (field) => field in body || !(field in input), logger, about);
  }
}

/**
 * Returns the problem with an operation's input. Fields from the browser are named in a 422; fields from the merchant's order are
 * the shop's error and are logged.
 */
export function inputProblem(
  problems: readonly Problem[],
  isFromBrowser: (field: string) => boolean,
  logger: HandlerLog,
  about: Readonly<Record<string, string>>,
): HandlerProblem {
  const fromBrowser = problems.filter(({ field }) => isFromBrowser(field));
  if (fromBrowser.length > 0) {
    const errors = fromBrowser.map(({ field, message, ko }) => ({ field, message, ko: ko ?? message }));
    return new HandlerProblem("invalid-input", { errors });
  }
  logger.write("merchant-order-invalid", { ...about, problems });
  return new HandlerProblem("internal-error");
}

/**
 * Returns the problem of a call that the gateway refused for the shop's set-up or request; `undefined` for any other code. No card is
 * limited for the shop's mistakes, but a rejected request may name a mistake in the buyer's input.
 */
export function shopFault(code: string | undefined, order?: OrderView): HandlerProblem | undefined {
  if (!isShopFault(code)) return undefined;
  return new HandlerProblem("shop-unavailable", { order, staysCounted: code === "request-rejected" });
}

/** Returns the problem of a call that moves no money, so that it may always be tried again. */
export function gatewayProblem(
  call: Pick<CallOutcome, "outcome" | "code" | "resultCode" | "resultMessage">,
): HandlerProblem {
  const { outcome, resultCode, resultMessage } = call;
  if (outcome === "not-sent") return new HandlerProblem("not-sent");
  if (outcome !== "refused") return new HandlerProblem("gateway-no-answer", { reason: call.code });
  const fault = shopFault(call.code);
  if (fault !== undefined) return fault;
  return new HandlerProblem("gateway-refused", {
    gateway: {
      ...(resultCode === undefined ? {} : { resultCode }),
      ...(resultMessage === undefined ? {} : { resultMessage }),
    },
  });
}
