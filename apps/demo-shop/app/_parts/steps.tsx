const names = ["장바구니", "주문서", "결제", "완료"] as const;

/** Where the buyer stands on the way to the receipt. */
export function Steps({ now }: { now: (typeof names)[number] }) {
  return (
    <ol className="steps" aria-label="주문 단계">
      {names.map((name) => (
        <li key={name} aria-current={name === now ? "step" : undefined}>
          {name}
        </li>
      ))}
    </ol>
  );
}
