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

/** The shop's goods. The server reads prices from here, never from a browser. */
export const catalogue: readonly Goods[] = goods;

export function findGoods(id: string): Goods | undefined {
  return catalogue.find((one) => one.id === id);
}
