/** How long after its deadline a call may still be carried out by the gateway. */
const lateMs = 10 * 60_000;

/** What tells since when nobody waits for a call's reply any more. */
interface SilentCall {
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
  readonly createdAt: Date;
}

/** From when on nobody waits for the call's reply any more. */
export function silentSince({ deadlineAt, settledAt, createdAt }: SilentCall): Date {
  return deadlineAt ?? settledAt ?? createdAt;
}

/** Whether a call was sent and should have been answered before a time. */
export function isLate(
  { state, deadlineAt }: { readonly state: string; readonly deadlineAt: Date | null },
  before: Date,
): boolean {
  return state === "sending" && deadlineAt !== null && deadlineAt < before;
}

/** From when on an operator who found nothing at the gateway may say that nothing was done: before, it may yet be. */
export function provedBySilence(since: Date): Date {
  return new Date(since.getTime() + lateMs);
}
