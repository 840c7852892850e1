import type { FulfilmentStep } from "#shop/events/fulfilment.js";
import { formatKoreanTime } from "#shop/korean.js";
import { labelOfFulfilment } from "#shop/labels.js";

/** What is done about the goods, step by step. */
export function Goods({ steps }: { steps: readonly FulfilmentStep[] }) {
  const last = steps.at(-1);
  return (
    <section className="panel stack" aria-labelledby="goods">
      <h2 id="goods">배송</h2>
      <ol className="goods-steps" data-fulfilment>
        {steps.map(({ id, state, at }) => {
          const { text, tone } = labelOfFulfilment(state);
          return (
            <li key={id} className="goods-step">
              <span className={`badge badge-${tone}`}>{text}</span>
              <time className="soft small" dateTime={at.toISOString()}>
                {formatKoreanTime(at)}
              </time>
            </li>
          );
        })}
      </ol>
      {last?.state === "held" && (
        <p className="soft small">확인할 것이 있어 발송을 잠시 멈추었습니다. 끝나면 여기에 나옵니다.</p>
      )}
    </section>
  );
}
