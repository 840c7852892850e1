/** Where a shop's process finds what the test runs; it listens on the same port every time. */
export interface ShopProcessSettings {
  readonly PORT: string;
  readonly SANDBOX_URL: string;
  readonly CA_FILE: string;
  readonly DATABASE_URL: string;
  readonly LEDGER_SCHEMA: string;
  readonly JOURNAL: string;
}

export const shopOrigin = "https://shop.example";
export const notificationKey = "hook-0123456789abcdef";

/** Every order's price is in its id. */
export function priceOf(orderId: string): number {
  return Number(/-(\d+)$/.exec(orderId)?.[1]);
}
