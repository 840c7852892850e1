/** The order that an order number of the shop's belongs to. */
export function orderOf(oid: string): string {
  return oid.slice(0, oid.lastIndexOf("-"));
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Whether some of the amounts sum to what is wanted. */
export function isSubsetSum(wanted: number, amounts: readonly number[]): boolean {
  let sums = new Set([0]);
  for (const amount of amounts) sums = new Set([...sums, ...Array.from(sums, (sum) => sum + amount)]);
  return sums.has(wanted);
}
