import type { Ledger } from "@payapi/ledger";
import type { Call } from "../command.js";
import { newest } from "./notifications.js";

/** What needs a person beside unknown calls, each with a command of its own. */
export interface AlsoLookInto {
  readonly databaseAccepted: boolean;
  readonly journaled: number;
  /** Of the last seven days; those before were looked into, or nobody will. */
  readonly notifications: number;
  readonly deadLetters: number;
  /** Billing keys that may be alive at the gateway though nobody uses them. */
  readonly orphanKeys: number;
}

const days = 7;
const most = 500;

/** Counts them; no count goes further than 500. */
export async function alsoLookInto(ledger: Ledger): Promise<AlsoLookInto> {
  const [{ accepted }, journaled, notifications, deadLetters, orphanKeys] = await Promise.all([
    ledger.database(),
    ledger.journaled(),
    newest(ledger, ["quarantined", "conflicting"], { limit: most }),
    ledger.deadLetters({ limit: most }),
    ledger.orphanKeys({ limit: most }),
  ]);
  const since = Date.now() - days * 86_400_000;
  return {
    databaseAccepted: accepted,
    journaled: journaled.length,
    notifications: notifications.filter(({ receivedAt }) => receivedAt.getTime() > since).length,
    deadLetters: deadLetters.length,
    orphanKeys: orphanKeys.length,
  };
}

/** What stands above everything: with it nothing works, and money that moved is not in the ledger. */
export function isUrgent({ databaseAccepted, journaled }: AlsoLookInto): boolean {
  return !databaseAccepted || journaled > 0;
}

/** A line for each, with the command that says more. */
export function alsoLines(call: Call, also: AlsoLookInto): string[] {
  const lines = [
    ...(also.databaseAccepted
      ? []
      : [
          call.say({
            en: "The database was restored or failed over, and nothing is sent (payapi database)",
            ko: "데이터베이스가 복원되었거나 바뀌어 아무것도 전송되지 않습니다 (payapi database)",
          }),
        ]),
    ...(also.journaled === 0
      ? []
      : [
          call.say({
            en: `Files in the journal that the database does not take, mostly payments it was never told of: ${also.journaled} (payapi journal)`,
            ko: `데이터베이스에 기록하지 못한 저널 파일(대개 결제사가 승인한 요청): ${also.journaled}건 (payapi journal)`,
          }),
        ]),
    ...(also.notifications === 0
      ? []
      : [
          call.say({
            en: `Notifications of the last ${days} days that need a person: ${atMost(also.notifications)} (payapi notifications)`,
            ko: `최근 ${days}일 동안 확인이 필요한 통보: ${atMost(also.notifications)}건 (payapi notifications)`,
          }),
        ]),
    ...(also.deadLetters === 0
      ? []
      : [
          call.say({
            en: `Events that the shop's code did not take: ${atMost(also.deadLetters)} (payapi events dead)`,
            ko: `쇼핑몰이 처리하지 못한 이벤트: ${atMost(also.deadLetters)}건 (payapi events dead)`,
          }),
        ]),
    ...(also.orphanKeys === 0
      ? []
      : [
          call.say({
            en: `Billing keys that may be alive at the gateway though nobody uses them: ${atMost(also.orphanKeys)} (payapi keys)`,
            ko: `사용하지 않지만 결제사에 남아 있을 수 있는 빌키: ${atMost(also.orphanKeys)}건 (payapi keys)`,
          }),
        ]),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
}

function atMost(counted: number): string {
  return counted >= most ? `${most}+` : String(counted);
}
