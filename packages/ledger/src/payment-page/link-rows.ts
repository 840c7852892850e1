/** The states of a link to the payment page. */
export const linkStates = ["making", "open", "closed"] as const;
export type LinkState = (typeof linkStates)[number];

/** One link to the payment page. */
export interface LinkRow {
  readonly token: string;
  readonly mid: string;
  readonly orderId: string;
  readonly linkNo: number;
  readonly oid: string;
  readonly payType: string;
  readonly price: number;
  readonly state: LinkState;
  readonly url: string | null;
  readonly createdAt: Date;
  /** Until when the gateway takes payments by it. */
  readonly openUntil: Date;
  readonly closedAt: Date | null;
}

export type NewLink = Omit<LinkRow, "state" | "url" | "closedAt">;
export type LinkChange = Pick<LinkRow, "state"> & Partial<Pick<LinkRow, "url" | "closedAt">>;

/** Reading links. */
export interface LinkReading {
  byToken(mid: string, token: string): Promise<LinkRow | undefined>;
  byOid(mid: string, oid: string): Promise<LinkRow | undefined>;
}

/** The guarded writes about links. A guard that does not hold changes nothing and gives `undefined`. */
export interface LinkRows extends LinkReading {
  /** The links of an order by number, locked until the transaction ends. Whoever locks both locks the links first. */
  lock(mid: string, orderId: string): Promise<readonly LinkRow[]>;
  /** `undefined` when a unique constraint stands in the way: another link being made or open, the same number or oid. */
  insert(row: NewLink): Promise<LinkRow | undefined>;
  move(token: string, from: readonly LinkState[], change: LinkChange): Promise<LinkRow | undefined>;
}
