import { createPayApiBrowser, isPayApiProblem, type PayApiProblem } from "@payapi/core/browser";

/** The data of the card form, without a price. */
export interface CardBody {
  readonly cardNumber: string;
  readonly cardExpireYY: string;
  readonly cardExpireMM: string;
  readonly cardQuota?: number;
}

export type AfterPayment =
  /** The order's page shows the result and explains it. */
  | { readonly next: "order" }
  /** The form has an error; nothing was sent. */
  | { readonly next: "mend"; readonly fields: readonly string[] }
  /** No money moved, and the buyer may try again. */
  | {
      readonly next: "again";
      readonly tone: "bad" | "wait";
      readonly title: string;
      readonly lines: readonly string[];
    };

const payments = createPayApiBrowser({ basePath: "/payments", language: "ko" });

/** Sends the card once, without retries. */
export async function sendPayment(orderId: string, card: CardBody): Promise<AfterPayment> {
  try {
    await payments.approveCard(orderId, card);
    return { next: "order" };
  } catch (error) {
    if (!isPayApiProblem(error)) throw error;
    return afterProblem(error);
  }
}

/** The gateway's name of a payment method on its page. */
export type PayType = "card" | "bank" | "vbank" | "hpp";

/** Requests a link to the gateway's payment page, which moves no money. */
export async function openPaymentPage(
  orderId: string,
  payType: PayType,
): Promise<{ readonly next: "page"; readonly url: string } | Exclude<AfterPayment, { next: "mend" }>> {
  try {
    const { url } = await payments.createPaymentLink(orderId, { payType });
    return { next: "page", url };
  } catch (error) {
    if (!isPayApiProblem(error)) throw error;
    // The order is paid, being paid or locked: its page explains it.
    if (error.order !== undefined) return { next: "order" };
    const after = afterProblem(error);
    return after.next === "again" ? after : noPage;
  }
}

const again = (tone: "bad" | "wait", title: string, ...lines: readonly string[]) =>
  ({ next: "again", tone, title, lines }) as const;

const noPage = again(
  "wait",
  "결제창을 열지 못했습니다",
  "결제되지 않았습니다. 잠시 뒤 다시 시도하거나 다른 방법으로 결제해 주세요.",
);

function afterProblem({ code, title, detail, errors }: PayApiProblem): AfterPayment {
  switch (code) {
    case "declined":
      return again(
        "bad",
        "카드가 승인되지 않았습니다",
        "결제되지 않았습니다. 다른 카드로 다시 결제하시거나, 카드사에 문의해 주세요.",
      );
    case "too-many-attempts":
      return again(
        "wait",
        "잠시 결제를 멈추었습니다",
        "승인되지 않은 시도가 여러 번 있었습니다. 10분쯤 뒤에 다시 결제해 주세요. 결제되지 않았습니다.",
      );
    case "not-sent":
    case "ledger-unavailable":
      return again(
        "wait",
        "결제를 보내지 못했습니다",
        "카드사에 전달되지 않아 결제되지 않았습니다. 잠시 뒤 다시 결제해 주세요.",
      );
    case "invalid-input":
      return { next: "mend", fields: (errors ?? []).map(({ field }) => field) };
    case "origin-refused":
    case "forbidden":
    case "order-not-found":
      return again("bad", title, detail, "결제는 시도되지 않았습니다.");
    default:
      // Only the order's status shows the outcome.
      return { next: "order" };
  }
}

/** Resolves when the order's status can be requested again. */
export async function untilReachable(orderId: string): Promise<void> {
  for (;;) {
    const reached = await payments.getOrder(orderId).then(
      () => true,
      // Without any answer the status is 0.
      (error: unknown) => isPayApiProblem(error) && error.status > 0 && error.status < 500,
    );
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}
