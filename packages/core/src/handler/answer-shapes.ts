import type { Answers, ProblemBody } from "./messages.js";

/** A field of an answer, for the documentation. */
export interface AnswerField<Always extends boolean = boolean> {
  readonly type: string;
  /** Whether every answer of this kind has the field. */
  readonly always: Always;
  readonly note: string;
}

/** The fields of a kind of answer, and an example. */
export interface AnswerShape<T> {
  readonly fields: {
    readonly [K in keyof T & string]-?: AnswerField<Record<never, never> extends Pick<T, K> ? false : true>;
  };
  readonly example: T;
}

const orderId = { type: "string", always: true, note: "the merchant's own order id" } as const;

/** Every kind of answer as data. The compiler reports fields that are missing here. */
export const answerShapes: { readonly [Name in keyof Answers]: AnswerShape<Answers[Name]> } & {
  readonly Problem: AnswerShape<ProblemBody>;
} = {
  Order: {
    fields: {
      orderId,
      status: {
        type: "string",
        always: true,
        note: "not-paid, in-progress, paid, partially-cancelled, cancelled, declined, not-sent, net-cancelled, awaiting-deposit, unknown or needs-review",
      },
      price: { type: "number", always: true, note: "the requested amount, in won" },
      remainingPrice: {
        type: "number",
        always: true,
        note: "the paid amount that is not cancelled, as far as known, in won",
      },
      payType: {
        type: "string",
        always: false,
        note: "the gateway's name of the payment method of the attempt that counts",
      },
      applNum: { type: "string", always: false, note: "the approval number, as on the buyer's receipt" },
      partlyCancellable: {
        type: "boolean",
        always: false,
        note: "`false` if the card allows only a cancel in full",
      },
      approvedAt: { type: "string", always: false, note: "ISO 8601" },
      cancel: {
        type: "object",
        always: false,
        note: "the newest cancel: status (in-progress, done, refused, not-sent, unknown, needs-review), cancelPrice and, if the gateway sent them, resultCode and resultMessage",
      },
      account: {
        type: "object",
        always: false,
        note: "the virtual account of an order that is awaiting-deposit: number and, if known, bankCode, holder and dueAt (ISO 8601)",
      },
    },
    example: {
      orderId: "order-42",
      status: "partially-cancelled",
      price: 15_000,
      remainingPrice: 10_000,
      cancel: { status: "done", cancelPrice: 5_000 },
      payType: "card",
      applNum: "12345678",
      approvedAt: "2026-11-21T00:30:01.000Z",
    },
  },
  CardIssuer: {
    fields: {
      cardCode: { type: "string", always: false, note: "the card company, as in @payapi/core/codes" },
      cardType: { type: "string", always: false, note: "credit, debit or gift" },
      cardName: { type: "string", always: false, note: "the card's name, for display" },
    },
    example: { cardCode: "11", cardType: "credit", cardName: "BC카드" },
  },
  PaymentLink: {
    fields: {
      url: { type: "string", always: true, note: "the address of the payment page; send the buyer there" },
      expiresAt: { type: "string", always: true, note: "ISO 8601; the link is invalid afterwards" },
    },
    example: { url: "https://gateway.example/pay/0a1b2c3d", expiresAt: "2026-11-24T00:30:01.000Z" },
  },
  BillingKey: {
    fields: {
      id: {
        type: "string",
        always: true,
        note: "the key's id, for the merchant's own tables; it stays when the card changes",
      },
      kind: { type: "string", always: true, note: "card or mobile" },
      state: { type: "string", always: true, note: "issuing, active, failed, unknown, deleting or deleted" },
      issuedAt: { type: "string", always: false, note: "ISO 8601" },
    },
    example: {
      id: "5f0c1a52-1d5e-4b0c-9a55-0d3c5c8c4f11",
      kind: "card",
      state: "active",
      issuedAt: "2026-11-21T00:30:01.000Z",
    },
  },
  EscrowDone: {
    fields: {
      orderId,
      done: { type: "true", always: true, note: "the call succeeded" },
      processedAt: {
        type: "string",
        always: false,
        note: "ISO 8601; missing if the reply was lost and the status proved the success",
      },
    },
    example: { orderId: "order-42", done: true, processedAt: "2026-11-21T00:30:01.000Z" },
  },
  EscrowStatus: {
    fields: {
      orderId,
      status: {
        type: "string",
        always: false,
        note: "approved, cancelled-same-day, cancelled-later, purchase-confirmed or purchase-rejected; other values as the gateway sends them",
      },
      payMethod: {
        type: "string",
        always: false,
        note: "card, bank or vbank; other values as the gateway sends them",
      },
      price: { type: "number", always: false, note: "won" },
      approvedDate: { type: "string", always: false, note: "YYYYMMDD, Korean time" },
      denyMsg: { type: "string", always: false, note: "the buyer's reason for the rejection" },
    },
    example: {
      orderId: "order-42",
      status: "purchase-confirmed",
      payMethod: "card",
      price: 15_000,
      approvedDate: "20261121",
    },
  },
  Problem: {
    fields: {
      type: { type: "string", always: true, note: "urn:payapi:problem: followed by the code" },
      title: { type: "string", always: true, note: "a short message in the language of the answer" },
      status: { type: "number", always: true, note: "the HTTP status again" },
      detail: {
        type: "string",
        always: true,
        note: "what it means and what to do, in the language of the answer",
      },
      code: { type: "string", always: true, note: "the problem's code; decide by it" },
      order: { type: "Order", always: false, note: "the order's payment status, if known" },
      errors: {
        type: "array",
        always: false,
        note: "with invalid-input: each invalid field and a message in the language of the answer, without its value",
      },
      gateway: {
        type: "object",
        always: false,
        note: "with gateway-refused: the gateway's resultCode and resultMessage",
      },
    },
    example: {
      type: "urn:payapi:problem:invalid-input",
      title: "Invalid input",
      status: 422,
      detail: "Correct the fields named in errors. Nothing was sent to the gateway.",
      code: "invalid-input",
      errors: [{ field: "cardNumber", message: "must be 13 to 16 digits without spaces or hyphens" }],
    },
  },
};
