/** What the card form sends; the price is not among it. */
export interface CardBody {
  readonly cardNumber: string;
  readonly cardExpireYY: string;
  readonly cardExpireMM: string;
  readonly cardQuota?: number;
  readonly registNo?: string;
  readonly passwd?: string;
}

/** What the buyer sees next. */
export type AfterPayment =
  /** The order's own page knows the answer and explains it. */
  | { readonly next: "order" }
  /** Something in the form must be mended; nothing was sent. */
  | { readonly next: "mend"; readonly fields: readonly string[] }
  /** No money moved, and the buyer may try again. */
  | {
      readonly next: "again";
      readonly tone: "bad" | "wait";
      readonly title: string;
      readonly lines: readonly string[];
    };

interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly order?: { readonly resultMessage?: string };
  readonly errors?: readonly { readonly field: string }[];
}

/** Sends the card once, and never again by itself. */
export async function sendPayment(orderId: string, card: CardBody): Promise<AfterPayment> {
  const reply = await post(`/payments/orders/${orderId}/card-approval`, JSON.stringify(card));
  // Whatever became of it, only the order's status can say.
  if (reply === undefined) return { next: "order" };
  if (reply.ok) return { next: "order" };
  const problem = await readProblem(reply);
  switch (problem.code) {
    case "declined":
      return {
        next: "again",
        tone: "bad",
        title: "카드가 승인되지 않았습니다",
        lines: [
          ...(problem.order?.resultMessage ? [`카드사의 답변: ${problem.order.resultMessage}`] : []),
          "돈은 빠져나가지 않았습니다. 다른 카드로 다시 결제하시거나, 카드사에 문의해 주세요.",
        ],
      };
    case "not-sent":
    case "record-unavailable":
      return {
        next: "again",
        tone: "wait",
        title: "결제를 보내지 못했습니다",
        lines: ["카드사에 아무것도 전달되지 않아 돈은 빠져나가지 않았습니다. 잠시 뒤 다시 결제해 주세요."],
      };
    case "invalid-input":
      return { next: "mend", fields: (problem.errors ?? []).map(({ field }) => field) };
    case "origin-refused":
    case "forbidden":
    case "order-not-found":
      return {
        next: "again",
        tone: "bad",
        title: problem.title ?? "결제할 수 없습니다",
        lines: [problem.detail ?? "", "결제는 시도되지 않았습니다."],
      };
    default:
      return { next: "order" };
  }
}

/** Resolves when the shop can be asked again for the order's status. */
export async function untilReachable(orderId: string): Promise<void> {
  for (;;) {
    const reply = await fetch(`/payments/orders/${orderId}`, { cache: "no-store" }).catch(() => undefined);
    if (reply !== undefined && reply.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

async function post(url: string, body: string): Promise<Response | undefined> {
  try {
    return await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": "ko" },
      body,
      cache: "no-store",
      redirect: "error",
    });
  } catch {
    return undefined;
  }
}

async function readProblem(reply: Response): Promise<Problem> {
  try {
    return (await reply.json()) as Problem;
  } catch {
    return {};
  }
}
