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

/** A call that the ledger did not reserve; nothing was sent. */
export interface NotReserved<Reason extends string = RefusedReason> {
  readonly status: "not-reserved";
  readonly reason: Reason;
  /** The order's payment. */
  readonly order: OrderPayment | undefined;
}

/** A call that was sent or tried. Read `outcome` for whether it was sent and what it means for the money. */
export type CallResult<Call extends ReservedCall = ReservedCall> =
  | {
      readonly status: "settled";
      readonly call: Call;
      readonly outcome: CallOutcome;
      /** The order after settling. */
      readonly order: OrderPayment;
    }
  | {
      /** Writing to the ledger failed after the call. The order stays locked, and only `outcome` has the gateway's answer. */
      readonly status: "not-recorded";
      readonly call: Call;
      readonly outcome: CallOutcome;
      readonly error: unknown;
    };

/** The result of a payment or a cancel. */
export type PaymentResult<Call extends ReservedCall = ReservedCall, Reason extends string = RefusedReason> =
  | NotReserved<Reason>
  | CallResult<Call>;

/** The outcome of a call about a billing key, without the secret key. */
export type KeyFacts = Omit<KeyOutcome, "billkey">;

/** The ledger's ids of a call about a billing key. */
export interface KeyCallId {
  readonly id: string;
  readonly callId: string;
}

interface KeyNotReserved<Reservation> {
  readonly status: "not-reserved";
  readonly reason: Extract<Reservation, { status: "refused"; reason: string }>["reason"];
}

interface KeyNotRecorded {
  readonly status: "not-recorded";
  readonly call: KeyCallId;
  readonly outcome: KeyFacts;
  readonly error: unknown;
}

interface KeySettled {
  readonly status: "settled";
  readonly call: KeyCallId;
  readonly outcome: KeyFacts;
  readonly key: BillingKey;
}

/** The result of deleting a billing key at the gateway. The key is stopped here for every outcome. */
export type KeyDeletionResult = KeyNotReserved<KeyDeletionReservation> | KeySettled | KeyNotRecorded;

/**
 * The result of issuing or changing a billing key. With `not-recorded`, storing the key failed, so it is lost; an unusable key may exist at
 * the gateway. No money moved.
 */
export type KeyResult =
  | KeyNotReserved<KeyReservation>
  | (KeySettled & {
      /** Whether `key` is active with the card of this call; `false` for a success that came too late. */
      readonly kept: boolean;
      /** The deletion of the replaced key at the gateway. */
      readonly retired?: KeyDeletionResult;
    })
  | KeyNotRecorded;
