import type { ApprovalRow, ReportedDeposit } from "./rows.js";

/** One report of a deposit: the channel and the event that it came by, and when the gateway says the money came. */
export interface DepositReport {
  readonly channel: string;
  readonly event: string;
  readonly at: Date | undefined;
}

type Deposits = Pick<ApprovalRow, "deposits">;

/** How far apart the channels may say that one deposit came. */
const sameDepositMs = 10 * 60_000;

/**
 * What a report of a deposit adds to those before it: the `first`, one that is `known`, or `another` deposit. Each channel reports a
 * deposit by one event, however often it is sent: so two events of one channel are two deposits.
 */
export function depositAfter({ deposits }: Deposits, report: DepositReport): "first" | "known" | "another" {
  if (deposits.length === 0) return "first";
  return find(deposits, report) === undefined ? "another" : "known";
}

/** The deposits with this report among them. */
export function withReport({ deposits }: Deposits, report: DepositReport): readonly ReportedDeposit[] {
  const { channel, event } = report;
  const same = find(deposits, report);
  const at = report.at?.toISOString() ?? null;
  if (same === undefined) return [...deposits, { at, by: [{ channel, event }] }];
  if (same.by.some((known) => known.event === event)) return deposits;
  const confirmed = { at: same.at ?? at, by: [...same.by, { channel, event }] };
  return deposits.map((deposit) => (deposit === same ? confirmed : deposit));
}

/** Whether money came at another time than each deposit that is known. */
export function isAnotherMoment({ deposits }: Deposits, at: Date | undefined): boolean {
  if (at === undefined || deposits.length === 0) return false;
  const lies = (known: string | null) =>
    known !== null && Math.abs(new Date(known).getTime() - at.getTime()) > sameDepositMs;
  return deposits.every((deposit) => lies(deposit.at));
}

function find(deposits: readonly ReportedDeposit[], report: DepositReport): ReportedDeposit | undefined {
  return (
    deposits.find(({ by }) => by.some(({ event }) => event === report.event)) ??
    deposits.find((deposit) => mayBe(deposit, report))
  );
}

function mayBe({ at, by }: ReportedDeposit, report: DepositReport): boolean {
  if (by.some(({ channel }) => channel === report.channel)) return false;
  if (at === null || report.at === undefined) return true;
  return Math.abs(new Date(at).getTime() - report.at.getTime()) <= sameDepositMs;
}
