import type { AcceptedDatabase, DatabaseRows } from "../database-identity/database-rows.js";

/** Memory is never restored: it is always the database that was accepted. */
export function createMemoryDatabase(): { readonly rows: DatabaseRows } {
  const accepted: AcceptedDatabase = {
    identity: "memory",
    at: new Date(),
    actor: "memory",
    evidence: "made by this process",
  };
  return {
    rows: {
      compare: async () => structuredClone({ identity: accepted.identity, accepted }),
      accept: async () => {},
    },
  };
}
