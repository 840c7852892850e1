import type { FullPaymentStore } from "@payapi/core";
import { LedgerError } from "../errors.js";

/** Calls that this process has reserved and not settled. */
export interface CallsInFlight {
  /** The store, which counts its calls. After `drain` it refuses reservations and still settles. */
  readonly store: FullPaymentStore;
  /** Whether `drain` was called. */
  isClosing(): boolean;
  /** @throws LedgerError `closing` once `drain` was called */
  refuseWhenClosing(): void;
  /** Runs work that `close()` waits for too. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when no call is in flight and `others` has ended, or after `limitMs`. */
  drain(limitMs: number, others?: () => Promise<unknown>): Promise<void>;
}

type Reserved = {
  readonly status: string;
  readonly call?: { readonly id: string; readonly callId?: string };
};

export function countCalls(store: FullPaymentStore): CallsInFlight {
  const running = new Set<unknown>();
  let closing = false;
  let whenEmpty: (() => void) | undefined;

  function end(name: unknown): void {
    running.delete(name);
    if (running.size === 0) whenEmpty?.();
  }

  function refuseWhenClosing(): void {
    if (closing) throw closed();
  }

  async function during<T>(work: () => Promise<T>): Promise<T> {
    refuseWhenClosing();
    const name = Symbol("work");
    running.add(name);
    try {
      return await work();
    } finally {
      end(name);
    }
  }

  /** Counts from before the reservation, so that closing waits for a reservation that is being written. */
  const reserving = <T extends Reserved>(reserve: () => Promise<T>): Promise<T> =>
    during(async () => {
      const reservation = await reserve();
      if (reservation.call !== undefined) running.add(nameOf(reservation.call));
      return reservation;
    });

  async function settling<T>(
    call: { readonly id: string; readonly callId?: string },
    settle: () => Promise<T>,
  ): Promise<T> {
    try {
      return await settle();
    } finally {
      end(nameOf(call));
    }
  }

  /** `not-yours` ends the count: another process settles that call. */
  async function marking(
    call: { readonly id: string; readonly callId?: string },
    mark: () => Promise<void>,
  ): Promise<void> {
    try {
      await mark();
    } catch (error) {
      if (error instanceof LedgerError && error.code === "not-yours") end(nameOf(call));
      throw error;
    }
  }

  return {
    isClosing: () => closing,
    refuseWhenClosing,
    during,
    store: {
      ...store,
      reserveApproval: (request) => reserving(() => store.reserveApproval(request)),
      reserveCancel: (request) => reserving(() => store.reserveCancel(request)),
      reserveKey: (request) => reserving(() => store.reserveKey(request)),
      reserveKeyDeletion: (id) => reserving(() => store.reserveKeyDeletion(id)),
      reserveKeyDeletionRetry: (callId) => reserving(() => store.reserveKeyDeletionRetry(callId)),
      markSending: (call) => marking(call, () => store.markSending(call)),
      markKeySending: (call) => marking(call, () => store.markKeySending(call)),
      settle: (call, outcome) => settling(call, () => store.settle(call, outcome)),
      settleKey: (call, outcome) => settling(call, () => store.settleKey(call, outcome)),
      settleKeyDeletion: (call, outcome) => settling(call, () => store.settleKeyDeletion(call, outcome)),
    },
    async drain(limitMs, others = async () => {}) {
      closing = true;
      const empty = new Promise<void>((resolve) => {
        whenEmpty = resolve;
        if (running.size === 0) resolve();
      });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      });
      // The merchant's event handlers may never end, hence the limit.
      await Promise.race([Promise.all([empty, others()]), late]).finally(() => clearTimeout(timer));
    },
  };
}

/** Calls about one key share its `id`, so their `callId` tells them apart. */
function nameOf({ id, callId }: { readonly id: string; readonly callId?: string }): string {
  return callId ?? id;
}

function closed(): LedgerError {
  return new LedgerError(
    "closing",
    "The ledger is closing, so it starts no new call: stop sending it requests before close()",
  );
}
