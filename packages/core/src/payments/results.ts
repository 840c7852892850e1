import type {
  BillingKey,
  CallOutcome,
  KeyDeletionReservation,
  KeyOutcome,
  KeyReservation,
  OrderPayment,
  RefusedReason,
  ReservedCall,
} from "../store/index.js";

/** A call that the ledger did not reserve: nothing was sent. */
export interface NotReserved<Reason extends string = RefusedReason> {
  readonly status: "not-reserved";
  readonly reason: Reason;
  /** What is known about the order's payment. */
  readonly order: OrderPayment | undefined;
}

/** A call that was made, or tried. Only `outcome` says whether anything was sent, and what is known about the money. */
export type CallResult<Call extends ReservedCall = ReservedCall> =
  | {
      readonly status: "settled";
      readonly call: Call;
      readonly outcome: CallOutcome;
      /** The order after settling. */
      readonly order: OrderPayment;
    }
  | {
      /** The ledger could not be written after the call: the order stays locked, and only `outcome` has what the gateway said. */
      readonly status: "not-recorded";
      readonly call: Call;
      readonly outcome: CallOutcome;
      readonly error: unknown;
    };

/** The result of a payment or a cancel. */
export type PaymentResult<Call extends ReservedCall = ReservedCall, Reason extends string = RefusedReason> =
  | NotReserved<Reason>
  | CallResult<Call>;

/** What is known after a call about a billing key; the key itself stays in the ledger. */
export type KeyFacts = Omit<KeyOutcome, "billkey">;

/** A call about a billing key, by the ids the ledger has for it. */
export interface KeyCallId {
  readonly id: string;
  readonly callId: string;
}

/** The result of a billing key's deletion at the gateway. The key is stopped here, whatever the outcome. */
export type KeyDeletionResult =
  | {
      readonly status: "not-reserved";
      readonly reason: Extract<KeyDeletionReservation, { status: "refused" }>["reason"];
    }
  | {
      readonly status: "settled";
      readonly call: KeyCallId;
      readonly outcome: KeyFacts;
      readonly key: BillingKey;
    }
  | {
      readonly status: "not-recorded";
      readonly call: KeyCallId;
      readonly outcome: KeyFacts;
      readonly error: unknown;
    };

/** The result of issuing or changing a billing key. */
export type KeyResult =
  | {
      readonly status: "not-reserved";
      readonly reason: Extract<KeyReservation, { status: "refused" }>["reason"];
    }
  | {
      readonly status: "settled";
      readonly call: KeyCallId;
      readonly outcome: KeyFacts;
      readonly key: BillingKey;
      /** Whether `key` is active with the card of this call. A success that came too late is not kept. */
      readonly kept: boolean;
      /** The deletion at the gateway of the key that was replaced. */
      readonly retired?: KeyDeletionResult;
    }
  | {
      /** The key could not be recorded, so it is lost; no money moved. One may exist at the gateway. */
      readonly status: "not-recorded";
      readonly call: KeyCallId;
      readonly outcome: KeyFacts;
      readonly error: unknown;
    };
