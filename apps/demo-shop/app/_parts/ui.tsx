import Link from "next/link";
import { Fragment, type ReactNode } from "react";
import { formatKoreanTime } from "#shop/korean.js";
import type { Label } from "#shop/labels.js";

const steps = ["장바구니", "주문서", "결제", "완료"] as const;
type Step = (typeof steps)[number];

function Steps({ now }: { now: Step }) {
  return (
    <ol className="steps" aria-label="주문 단계">
      {steps.map((name) => (
        <li key={name} aria-current={name === now ? "step" : undefined}>
          {name}
        </li>
      ))}
    </ol>
  );
}

export function PageHead({ step, title, children }: { step?: Step; title: string; children?: ReactNode }) {
  return (
    <div className="page-head">
      {step && <Steps now={step} />}
      <h1>{title}</h1>
      {children}
    </div>
  );
}

/** The heading of a page that shows a result. */
export function EndingHead({
  step,
  mark,
  title,
  text,
  children,
}: {
  step?: Step | undefined;
  mark?: "good" | "wait";
  title: string;
  text?: string | undefined;
  children?: ReactNode;
}) {
  return (
    <div className="ending-head">
      {step && <Steps now={step} />}
      {mark && <img className="ending-mark" src={`/pictures/${mark}.svg`} alt="" />}
      <h1>{title}</h1>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}

/** A name and its value; tests find it by `fact`. */
export type Fact = readonly [name: string, value: ReactNode, options?: { fact?: string; total?: true }];

/** Names and values; those without a value are left out. */
export function Facts({ rows }: { rows: readonly Fact[] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value, { fact, total } = {}]) => {
        if (value === undefined) return null;
        // Amounts and numbers stay on one line.
        const isNumber = typeof value === "string" && /^[−\d]/.test(value);
        return (
          <Fragment key={name}>
            <dt className={total && "total"}>{name}</dt>
            <dd className={`${total ? "total " : ""}${isNumber ? "number" : ""}`} data-fact={fact}>
              {value}
            </dd>
          </Fragment>
        );
      })}
    </dl>
  );
}

export function time(at: Date | undefined, fact?: string): ReactNode {
  return (
    at && (
      <time dateTime={at.toISOString()} data-fact={fact}>
        {formatKoreanTime(at)}
      </time>
    )
  );
}

export function Badge({ text, tone }: Label) {
  return <span className={`badge badge-${tone}`}>{text}</span>;
}

/** The number that a buyer quotes on the phone. */
export function OrderNumber({ id }: { id: string }) {
  return (
    <p className="order-number">
      <span className="soft small">주문번호</span>
      <strong className="number">{id}</strong>
    </p>
  );
}

export function Advice({ items }: { items: readonly ReactNode[] }) {
  return (
    <ul className="advice">
      {items.map((item, at) => (
        <li key={at} className="advice-item">
          <span>{item}</span>
        </li>
      ))}
    </ul>
  );
}

export function SandboxLink({ url }: { url: string }) {
  return (
    <a href={`${url}/_sandbox`} target="_blank" rel="noopener noreferrer">
      모의 결제 서버의 화면
    </a>
  );
}

/** A link that looks like a button, such as `<LinkButton to="/orders" text="주문 내역" kind="quiet" />`. */
export function LinkButton({ to, text, kind = "" }: { to: string; text: string; kind?: string }) {
  const classes = [
    "button",
    ...kind
      .split(" ")
      .filter(Boolean)
      .map((one) => `button-${one}`),
  ];
  return (
    <Link className={classes.join(" ")} href={to}>
      {text}
    </Link>
  );
}
