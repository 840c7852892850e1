/** What one of the shop's processes needs to know. The supervisor sets it; nothing of it is read while building. */
export interface ShopSettings {
  readonly databaseUrl: string;
  /** The folder in which the ledger keeps what the gateway said yes to while the database was away. */
  readonly journal: string;
  /** Where the sandbox gateway listens. */
  readonly sandboxUrl: string;
  /** This process's own address, as browsers see it. */
  readonly publicOrigin: string;
  /** Whether the card form asks for birth date and the first two PIN digits. */
  readonly asksCardIdentity: boolean;
}

/** Reads the settings from the environment. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): ShopSettings {
  return {
    databaseUrl: required(env, "DATABASE_URL"),
    journal: required(env, "LEDGER_JOURNAL"),
    sandboxUrl: required(env, "SANDBOX_URL"),
    publicOrigin: new URL(required(env, "PUBLIC_ORIGIN")).origin,
    asksCardIdentity: env.SHOP_CARD_IDENTITY === "on",
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") {
    throw new Error(`${name} is not set; \`npm run demo\` starts the shop with everything it needs`);
  }
  return value;
}
