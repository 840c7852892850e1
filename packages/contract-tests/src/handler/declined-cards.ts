/** The test cards that the sandbox declines, each for another reason. */
export const refusedCards = [
  "4000000000000002",
  "4000000000009995",
  "4000000000000069",
  "4000000000000127",
  "4000000000000119",
  "4000000000009979",
] as const;

let made = 0;

/** Card numbers that pass the Luhn check and belong to no account. Each is returned once. */
export function freshCards(count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    made += 1;
    return withCheckDigit(`46${String(made).padStart(13, "0")}`);
  });
}

function withCheckDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, character, at) => {
    const digit = Number(character) * (at % 2 === 0 ? 2 : 1);
    return total + (digit > 9 ? digit - 9 : digit);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
