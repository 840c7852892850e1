import { type Ledger, LedgerError, type Recovery } from "@payapi/ledger";
import { databaseChanged } from "../advice.js";
import { type Call, type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { journalState, noJournal, withLedger } from "../ledger-settings.js";
import { ledgerErrors } from "../messages.js";
import { flag } from "../options.js";
import { fields } from "../output.js";
import { variables } from "../settings.js";
import { repeatUntil, stoppable } from "../signals.js";
import { coded, inLanguage, joined, type Phrase, type Text } from "../text.js";

const everyMs = 60_000;

/** Runs the ledger's recovery, beside a shop or instead of its timer. */
export const worker: Command = {
  name: "worker",
  summary: {
    en: "recover calls whose process died, every minute",
    ko: "중단된 요청을 1분마다 자동 복구",
  },
  notes: {
    en: "Calls the gateway: net-cancels unknown approvals of the payment page, and repeats unknown full cancels, at most three times. Any number may run at once. Repeats deletions of billing keys only with the shop's LEDGER_SECRET. With LEDGER_JOURNAL, the shop's folder on this machine, it first writes those entries to the database; a folder that does not exist is refused. Exit code 3 while the database is not accepted: nothing is sent then. Ends with Ctrl-C or SIGTERM.",
    ko: "결제사를 호출합니다. 결과를 모르는 결제창 승인은 망취소하고, 전체 취소는 최대 3번까지 다시 요청합니다. 여러 개를 동시에 실행해도 됩니다. 빌키 삭제는 상점과 같은 LEDGER_SECRET이 있을 때만 다시 요청합니다. 이 컴퓨터의 상점 폴더인 LEDGER_JOURNAL이 있으면 그 내용을 먼저 데이터베이스에 기록하며, 폴더가 없으면 실행하지 않습니다. 데이터베이스가 승인되지 않았으면 전송하지 않고 종료 코드 3입니다. Ctrl-C 또는 SIGTERM으로 종료합니다.",
  },
  forms: [
    form({
      args: [],
      options: { once: flag({ en: "one run, for cron", ko: "한 번만 실행(cron용)" }) },
      async run(call) {
        const { settings, options } = call;
        // Otherwise the shop's journal would never reach the database, although every run would seem to succeed.
        if (journalState(settings) === "not-there") throw noJournal("not-there");
        const run = options.once
          ? runOnce
          : (ledger: Ledger, signal: AbortSignal) => runs(call, ledger, signal);
        return withLedger(
          settings,
          (ledger) => stoppable(call, (signal) => run(ledger, signal)),
          settings.payapi(),
        );
      },
    }),
  ],
};

async function runOnce(ledger: Ledger, signal: AbortSignal): Promise<Report> {
  const done = await ledger.operations.recover({ signal });
  return report(done, (await ledger.operations.database()).accepted);
}

async function runs(call: Pick<Call, "warn">, ledger: Ledger, signal: AbortSignal): Promise<Report> {
  const sum = { ...nothing };
  let wasAccepted = true;
  await repeatUntil(signal, everyMs, async () => {
    try {
      const { accepted } = await ledger.operations.database();
      if (wasAccepted && !accepted) call.warn(databaseChanged);
      wasAccepted = accepted;
      const done = await ledger.operations.recover({ signal });
      for (const name of names) sum[name] += done[name];
      const isNews = names.some((name) => done[name] > 0) || done.keysLeft !== sum.keysLeft;
      sum.keysLeft = done.keysLeft;
      if (isNews) call.warn(summaryOf(done));
    } catch (error) {
      // The worker continues while the database or the gateway is unreachable.
      const code = error instanceof LedgerError ? error.code : error instanceof Error ? error.name : "Error";
      const more = code === "not-replayed" ? " (`payapi journal`)" : "";
      call.warn({
        en: `A run failed: ${code}${more}; trying again.`,
        ko: `실행 실패: ${inLanguage(coded(code, ledgerErrors), "ko")}${more}, 다시 시도합니다.`,
      });
    }
  });
  return report(sum, wasAccepted);
}

/** The actions of a run. `keysLeft` is not an action: it counts the same keys in every run. */
const actions = {
  notSent: { en: "not sent", ko: "전송 안 됨" },
  unknown: { en: "newly unknown", ko: "새로 결과 확인 중" },
  netCancelled: { en: "net-cancelled", ko: "망취소" },
  repeated: { en: "cancels repeated", ko: "취소 재요청" },
  cancelled: { en: "cancels done", ko: "취소 완료" },
  keysDeleted: { en: "billing keys deleted", ko: "삭제된 빌키" },
} as const;
const names = Object.keys(actions) as (keyof typeof actions)[];
const nothing: Recovery = {
  notSent: 0,
  unknown: 0,
  netCancelled: 0,
  repeated: 0,
  cancelled: 0,
  keysDeleted: 0,
  keysLeft: 0,
};

function linesOf(done: Recovery): readonly (readonly [name: Text, value: Phrase])[] {
  const { keysLeft } = done;
  const left = {
    en: `${keysLeft} (${variables.secret} is not set)`,
    ko: `${keysLeft} (${variables.secret} 설정 없음)`,
  };
  return [
    ...names.map((name) => [actions[name], String(done[name])] as const),
    ...(keysLeft === 0 ? [] : [[{ en: "billing keys left", ko: "남은 빌키" }, left] as const]),
  ];
}

/** Formats a run's actions in one line. */
function summaryOf(done: Recovery): Text {
  return joined(
    linesOf(done).map(([name, value]) => joined([name, value], " ")),
    ", ",
  );
}

/** While the database is not accepted nothing is sent, so the counts do not show the open work. */
function report(done: Recovery, isAccepted: boolean): Report {
  return {
    exitCode: isAccepted ? exitCodes.ok : exitCodes.review,
    result: { ...done },
    lines: [fields(linesOf(done)), ...(isAccepted ? [] : ["", databaseChanged])],
    problem: isAccepted ? undefined : { code: "database-changed", text: databaseChanged },
  };
}
