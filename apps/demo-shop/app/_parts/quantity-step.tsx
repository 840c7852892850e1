import { mostPerGoods } from "#shop/cart.js";
import { setQuantity } from "../actions.ts";

/** Less, how many, more. */
export function QuantityStep({ id, name, quantity }: { id: string; name: string; quantity: number }) {
  return (
    <form action={setQuantity} className="stepper">
      <input type="hidden" name="goods" value={id} />
      <button
        type="submit"
        name="quantity"
        value={quantity - 1}
        disabled={quantity <= 1}
        aria-label={`${name} 하나 빼기`}
      >
        −
      </button>
      <output className="number" aria-label={`${name} 수량`}>
        {quantity}
      </output>
      <button
        type="submit"
        name="quantity"
        value={quantity + 1}
        disabled={quantity >= mostPerGoods}
        aria-label={`${name} 하나 더하기`}
      >
        +
      </button>
    </form>
  );
}
