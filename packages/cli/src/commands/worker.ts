import { type Ledger, LedgerError, type Recovery } from "@payapi/ledger";
import { coded, ledgerErrorWords } from "../code-words.js";
import type { Call, Command, Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { databaseChanged } from "../failure.js";
import { fields } from "../output.js";
import { variables } from "../settings.js";
import { repeatUntil, stoppable } from "../signals.js";
import type { Text } from "../words.js";
import { noJournal } from "./journal.js";

const everyMs = 60_000;

/** Runs recovery on its own, beside a shop or instead of its timer. */
export const worker: Command = {
  name: "worker",
  summary: {
    en: "end what can be ended of unknown calls, every minute",
    ko: "미확인 요청을 1분마다 자동 정리",
  },
  usage: ["worker [--once]"],
  arguments: 0,
  options: {
    once: {
      type: "boolean",
      help: { en: "one run, for cron", ko: "한 번만 실행(cron용)" },
    },
  },
  notes: {
    en: "Calls the gateway: network-cancels unknown approvals of the payment page, and repeats unknown full cancels, at most three times. Any number may run at once. Deletions of billing keys are repeated with LEDGER_SECRET, the shop's own, and left alone without it. With LEDGER_JOURNAL, the shop's folder on this machine, it first tells the database what that keeps; a folder that is not there is refused. Exit code 3 while nobody accepted the database: nothing is sent then. Ends with Ctrl-C or SIGTERM.",
    ko: "결제사를 호출합니다. 결과를 모르는 결제창 승인은 망취소하고, 전체 취소는 최대 3번까지 다시 요청합니다. 여러 개를 동시에 실행해도 됩니다. 빌키 삭제는 쇼핑몰과 같은 LEDGER_SECRET이 있을 때만 다시 요청합니다. 이 컴퓨터의 쇼핑몰 폴더인 LEDGER_JOURNAL이 있으면 그 내용을 먼저 데이터베이스에 기록하며, 폴더가 없으면 실행하지 않습니다. 데이터베이스가 승인되지 않았으면 전송하지 않고 종료 코드 3입니다. Ctrl-C 또는 SIGTERM으로 종료합니다.",
  },
  async run(call) {
    // Without it what the shop's journal keeps would never reach the database, and every run would look fine.
    if (call.settings.journalState() === "not-there") throw noJournal("not-there");
    return call.settings.withLedger(call.settings.payapi(), (ledger) =>
      stoppable(call, (signal) => runs(call, ledger, signal)),
    );
  },
};

async function runs(call: Call, ledger: Ledger, signal: AbortSignal): Promise<Report> {
  if (call.options.once === true) {
    const done = await ledger.recover({ signal });
    const { accepted } = await ledger.database();
    return accepted ? report(call, done) : notAccepted(report(call, done), call);
  }
  const sum = { ...nothing };
  let wasAccepted = true;
  await repeatUntil(signal, everyMs, async () => {
    try {
      const { accepted } = await ledger.database();
      if (wasAccepted && !accepted) call.warn(databaseChanged);
      wasAccepted = accepted;
      const done = await ledger.recover({ signal });
      for (const name of names) sum[name] += done[name];
      const isNews = names.some((name) => done[name] > 0) || done.keysLeft !== sum.keysLeft;
      sum.keysLeft = done.keysLeft;
      if (isNews) call.warn(lineOf(done));
    } catch (error) {
      // A database or gateway that is away for a while is what this command is for.
      const code = error instanceof LedgerError ? error.code : error instanceof Error ? error.name : "Error";
      const more = code === "not-replayed" ? " (`payapi journal`)" : "";
      call.warn({
        en: `A run failed: ${code}${more}; trying again.`,
        ko: `실행 실패: ${coded(code, ledgerErrorWords, "ko")}${more}, 다시 시도합니다.`,
      });
    }
  });
  return wasAccepted ? report(call, sum) : notAccepted(report(call, sum), call);
}

/** Nothing was sent, so that what it did says nothing of what there is to do. */
function notAccepted(done: Report, call: Call): Report {
  return {
    ...done,
    exitCode: exitCodes.attention,
    lines: [...done.lines, "", call.say(databaseChanged)],
    problem: { code: "database-changed", text: databaseChanged },
  };
}

/** What a run did. That keys are left is no deed: they are the same ones in every run. */
const deeds = { notSent: 0, unknown: 0, networkCancelled: 0, repeated: 0, cancelled: 0, keysDeleted: 0 };
const names = Object.keys(deeds) as (keyof typeof deeds)[];
const nothing: Recovery = { ...deeds, keysLeft: 0 };

function report(call: Call, done: Recovery): Report {
  return {
    exitCode: exitCodes.ok,
    result: { ...done },
    lines: fields([
      [call.say({ en: "not sent", ko: "전송 안 됨" }), String(done.notSent)],
      [call.say({ en: "unknown from now on", ko: "새로 미확인" }), String(done.unknown)],
      [call.say({ en: "network-cancelled", ko: "망취소" }), String(done.networkCancelled)],
      [call.say({ en: "cancels repeated", ko: "취소 재요청" }), String(done.repeated)],
      [call.say({ en: "of them ended", ko: "그중 완료" }), String(done.cancelled)],
      [call.say({ en: "billing keys deleted", ko: "삭제된 빌키" }), String(done.keysDeleted)],
      ...(done.keysLeft === 0 ? [] : [keysLeftField(call, done.keysLeft)]),
    ]),
  };
}

function keysLeftField(call: Call, keysLeft: number): [name: string, value: string] {
  const why = call.say({
    en: `${variables.secret} is not set`,
    ko: `${variables.secret} 설정 없음`,
  });
  return [call.say({ en: "billing keys left", ko: "남은 빌키" }), `${keysLeft} (${why})`];
}

function lineOf(done: Recovery): Text {
  const { notSent, unknown, networkCancelled, repeated, cancelled, keysDeleted, keysLeft } = done;
  const left =
    keysLeft === 0
      ? { en: "", ko: "" }
      : {
          en: `, ${keysLeft} left since ${variables.secret} is not set`,
          ko: `(${variables.secret} 설정이 없어 남은 것 ${keysLeft})`,
        };
  return {
    en: `${notSent} not sent, ${unknown} unknown, ${networkCancelled} network-cancelled, ${repeated} repeated (${cancelled} ended), ${keysDeleted} billing keys deleted${left.en}`,
    ko: `전송 안 됨 ${notSent}, 미확인 ${unknown}, 망취소 ${networkCancelled}, 재요청 ${repeated}(완료 ${cancelled}), 빌키 삭제 ${keysDeleted}${left.ko}`,
  };
}
