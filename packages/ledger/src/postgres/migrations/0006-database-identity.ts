/** Which database was accepted as the one that knows every payment: append-only, the newest line counts. */
export function databaseIdentity(schema: string, identity: "server" | "tables" = "server"): string {
  const server = `(SELECT system_identifier FROM pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8)`;
  return `
CREATE TABLE ${schema}.databases (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  identity text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  evidence text NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.databases
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();

INSERT INTO ${schema}.databases (identity, at, actor, evidence)
SELECT concat_ws('/',
    ${identity === "server" ? server : "'tables'"},
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    '${schema}.approvals'::regclass::oid),
  now(), 'migration', 'the database in which the tables were made';
`;
}
