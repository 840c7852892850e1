import type { JournaledCall } from "@payapi/ledger";
import { coded, unreadableWords } from "../code-words.js";
import type { Call, Command } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { table } from "../output.js";
import { variables } from "../settings.js";
import { callKinds, koreanTime, named, type Text, won } from "../words.js";

/** What the gateway said yes to and no database took. */
export const journal: Command = {
  name: "journal",
  summary: {
    en: "payments that the database could not be told of",
    ko: "데이터베이스에 기록하지 못한 결제 확인",
  },
  usage: ["journal"],
  arguments: 0,
  options: {},
  notes: {
    en: `First tells the database whatever it takes now. Exit code 3 if something is left: its call is not in this database, or the file is damaged. ${variables.journal} names the folder of the shop on this machine; each machine has its own.`,
    ko: `먼저 데이터베이스에 기록할 수 있는 것을 기록합니다. 남는 것이 있으면 종료 코드 3입니다(이 데이터베이스에 없는 요청이거나 손상된 파일). ${variables.journal}은(는) 이 컴퓨터에 있는 쇼핑몰의 저널 폴더이며 컴퓨터마다 따로 있습니다.`,
  },
  async run(call) {
    const state = call.settings.journalState();
    if (state !== "there") throw noJournal(state);
    const found = await call.settings.withLedger(call.settings.merchant(), (ledger) => ledger.journaled());
    if (found.length === 0) {
      return {
        exitCode: exitCodes.ok,
        result: { calls: [] },
        lines: [
          call.say({
            en: "None: the database was told everything.",
            ko: "없습니다. 모두 데이터베이스에 기록되었습니다.",
          }),
        ],
      };
    }
    const text = {
      en: `${found.length} that this database does not take.`,
      ko: `이 데이터베이스에 기록할 수 없는 항목 ${found.length}건이 있습니다.`,
    };
    return {
      exitCode: exitCodes.attention,
      result: {
        calls: found.map(({ file, call: kept, unreadable }) => ({
          file,
          call: kept ?? null,
          unreadable: unreadable ?? null,
        })),
      },
      lines: [
        ...table([heading(call), ...found.map((each) => row(call, each))]),
        "",
        ...advice(found).map(call.say),
      ],
      problem: { code: "journaled", text },
    };
  },
};

function advice(found: readonly JournaledCall[]): Text[] {
  return [
    ...(found.some(({ call: kept }) => kept !== undefined) ? [saidYes] : []),
    ...(found.some(({ call: kept }) => kept === undefined) ? [cannotBeRead] : []),
  ];
}

const cannotBeRead: Text = {
  en: "Of a file that cannot be read nobody knows what the gateway said. If it is a matter of rights, run this as the shop's user. If not, compare the console's payments and cancels of about the time of the file with `payapi orders`; then move the file out of the folder.",
  ko: "읽을 수 없는 파일은 결제사가 무엇을 처리했는지 알 수 없습니다. 권한 문제이면 쇼핑몰과 같은 사용자로 실행하세요. 아니면 파일이 만들어진 무렵의 결제와 취소를 관리자 화면과 `payapi orders`에서 비교한 뒤 파일을 폴더 밖으로 옮기세요.",
};

const saidYes: Text = {
  en: "The gateway said yes to each. If the database was restored, compare it first (`payapi database`). Look each up in the console and settle its order, or refund there what the ledger does not know; then move the file out of the folder.",
  ko: "모두 결제사가 승인한 요청입니다. 데이터베이스를 복원했다면 먼저 비교하세요(`payapi database`). 관리자 화면에서 확인해 주문을 정리하거나, 원장에 없는 결제는 환불한 뒤 파일을 폴더 밖으로 옮기세요.",
};

function heading(call: Call): string[] {
  return [
    call.say({ en: "written (KST)", ko: "기록(KST)" }),
    call.say({ en: "order", ko: "주문번호" }),
    call.say({ en: "call", ko: "요청" }),
    call.say({ en: "amount", ko: "금액" }),
    "oid",
    "tid",
    call.say({ en: "file", ko: "파일" }),
  ];
}

function row(call: Call, { file, call: kept, unreadable }: JournaledCall): string[] {
  if (kept === undefined) {
    const why = call.say({ en: "cannot be read", ko: "읽을 수 없음" });
    const reason = coded(unreadable ?? "-", unreadableWords, call.language);
    return [`${why} (${reason})`, "-", "-", "-", "-", "-", file];
  }
  const { at, orderId, kind, price, oid, tid } = kept;
  const what = named(kind, callKinds[kind], call.language);
  return [koreanTime(at), orderId, what, call.say(won(price)), oid ?? "-", tid ?? "-", file];
}

/** That there is no such folder, for commands whose work it is to empty it. */
export function noJournal(state: "not-set" | "not-there"): Failure {
  const text =
    state === "not-set"
      ? {
          en: `${variables.journal} is missing: the folder that the shop's openLedger({ journal }) names. A shop without one keeps no journal.`,
          ko: `${variables.journal} 설정이 없습니다. 쇼핑몰의 openLedger({ journal }) 폴더를 지정하세요.`,
        }
      : {
          en: `${variables.journal} names a folder that is not on this machine. It is on the machine, or the volume, where the shop runs, and the shop makes it when it starts: correct the variable, or start the shop first.`,
          ko: `${variables.journal} 폴더가 이 컴퓨터에 없습니다. 쇼핑몰이 실행되는 컴퓨터(볼륨)에 있으며 쇼핑몰이 시작할 때 만듭니다. 값을 고치거나 쇼핑몰을 먼저 시작하세요.`,
        };
  return new Failure(exitCodes.configuration, "no-journal", text);
}
