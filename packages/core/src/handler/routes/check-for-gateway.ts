import { isPayApiError } from "../../errors.js";
import type { Operation } from "../../operations/index.js";
import { checkInput } from "../../wire/check-input.js";
import { HandlerProblem } from "../problems.js";
import type { Services } from "../route.js";

/**
 * Checks an operation's input before anything is reserved for it. What the browser wrote is the browser's to mend, and named
 * in a 422; what the merchant's order holds is a mistake of the shop's, and logged.
 */
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
    const fromBrowser = problems.filter(({ field }) => field in body || !(field in input));
    if (fromBrowser.length > 0) {
      const errors = fromBrowser.map(({ field, message, ko }) => ({ field, message, ko: ko ?? message }));
      throw new HandlerProblem("invalid-input", { errors });
    }
    logger.error({ ...about, problems }, "The merchant's order cannot be sent to the gateway.");
    throw new HandlerProblem("internal-error");
  }
}
