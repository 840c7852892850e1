import type { AcceptedDatabase, DatabaseRows } from "../database-rows.js";
import { UndoMap } from "./undo-map.js";

const identity = "memory";

/** Memory is never restored, so it is accepted from the start. It keeps what else is accepted, as PostgreSQL does. */
export function createMemoryDatabase(): {
  readonly table: UndoMap<AcceptedDatabase>;
  readonly rows: DatabaseRows;
} {
  const first: AcceptedDatabase = {
    identity,
    at: new Date(),
    actor: "memory",
    evidence: "made by this process",
  };
  const table = new UndoMap<AcceptedDatabase>();
  return {
    table,
    rows: {
      compare: async () => {
        const later = table.get("newest");
        return { identity, accepted: later ?? structuredClone(first), isFirst: later === undefined };
      },
      accept: async (database) => table.set("newest", database),
    },
  };
}
