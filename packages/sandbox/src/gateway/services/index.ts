import type { Operation, operations } from "@payapi/core/operations";
import * as billing from "./billing.js";
import * as cards from "./cards.js";
import * as escrow from "./escrow.js";
import * as payments from "./payments.js";
import type { Service } from "./service.js";
import * as smsPay from "./sms-pay.js";

type Table = typeof operations;

/** One behaviour for each entry of the operation table; an entry without one does not compile. */
const services: {
  readonly [G in keyof Table]: {
    readonly [M in keyof Table[G]]: Table[G][M] extends Operation ? Service<Table[G][M]> : never;
  };
} = { cards, payments, billing, escrow, smsPay };

const byName = new Map<string, unknown>(
  Object.entries(services).flatMap(([group, methods]) =>
    Object.entries(methods).map(([method, service]): [string, unknown] => [`${group}.${method}`, service]),
  ),
);

/** The service of an operation. The caller has checked the values against this very entry of the table. */
export function serviceOf(operation: Operation): Service<Operation> {
  return byName.get(operation.name) as Service<Operation>;
}
