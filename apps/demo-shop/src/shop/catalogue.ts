import goods from "./catalogue.json" with { type: "json" };

export interface Goods {
  readonly id: string;
  readonly name: string;
  /** Won, VAT included. */
  readonly price: number;
  readonly kind: string;
  readonly summary: string;
  readonly story: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Everything the shop sells. Prices are read from here on the server, never from a browser. */
export const catalogue: readonly Goods[] = goods;

export function findGoods(id: string): Goods | undefined {
  return catalogue.find((one) => one.id === id);
}
