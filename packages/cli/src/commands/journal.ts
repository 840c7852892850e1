import type { JournaledCall } from "@payapi/ledger";
import { type Command, form } from "../command.js";
import { journalState, noJournal, withLedger } from "../ledger-settings.js";
import { callKinds, labels, unreadableFiles } from "../messages.js";
import type { Columns } from "../output.js";
import { variables } from "../settings.js";
import { coded, joined, koreanTime, named, type Text, won } from "../text.js";
import { reviewList } from "./pages.js";

/** Approved calls that the database does not accept. */
export const journal: Command = {
  name: "journal",
  summary: {
    en: "approved calls that are in the journal but not in the database",
    ko: "데이터베이스에 기록하지 못한 승인 확인",
  },
  notes: {
    en: `First writes to the database what it accepts now. Exit code 3 if something is left: its call is not in this database, or the file is damaged. ${variables.journal} is the shop's folder on this machine; each machine has its own.`,
    ko: `먼저 데이터베이스에 기록할 수 있는 것을 기록합니다. 남는 것이 있으면 종료 코드 3입니다(이 데이터베이스에 없는 요청이거나 손상된 파일). ${variables.journal}에는 이 컴퓨터에 있는 상점의 저널 폴더를 지정하며, 저널은 컴퓨터마다 따로 있습니다.`,
  },
  forms: [
    form({
      args: [],
      options: {},
      async run({ settings }) {
        const state = journalState(settings);
        if (state !== "there") throw noJournal(state);
        const found = await withLedger(settings, (ledger) => ledger.operations.journal());
        const calls = found.map(({ file, call, unreadable }) => ({ file, call, unreadable }));
        return reviewList(
          found,
          { calls },
          {
            none: {
              en: "None: everything is in the database.",
              ko: "없습니다. 모두 데이터베이스에 기록되었습니다.",
            },
            columns,
            advice: [
              found.some(({ call }) => call !== undefined) && approvedAdvice,
              found.some(({ call }) => call === undefined) && unreadableAdvice,
            ],
            problem: {
              code: "journaled",
              text: {
                en: `The database does not accept ${found.length} entries of the journal.`,
                ko: `데이터베이스에 기록할 수 없는 저널 항목 ${found.length}건이 있습니다.`,
              },
            },
          },
        );
      },
    }),
  ],
};

const approvedAdvice: Text = {
  en: "The gateway approved each of these calls. If the database was restored, compare it first (`payapi database`). Look each up in the console and resolve its order, or refund there what the ledger does not know; then move the file out of the folder.",
  ko: "모두 결제사가 승인한 요청입니다. 데이터베이스를 복원했다면 먼저 비교하세요(`payapi database`). 관리자 화면에서 확인해 주문을 처리하거나, 원장에 없는 결제는 환불한 뒤 파일을 폴더 밖으로 옮기세요.",
};

const unreadableAdvice: Text = {
  en: "The gateway's answer in an unreadable file is not known. If rights are missing, run this as the shop's user. If not, compare the console's payments and cancels around the time of the file with `payapi orders`; then move the file out of the folder.",
  ko: "읽을 수 없는 파일은 결제사의 응답을 알 수 없습니다. 권한 문제이면 상점과 같은 사용자로 실행하세요. 아니면 파일이 만들어진 무렵의 결제와 취소를 관리자 화면과 `payapi orders`에서 비교한 뒤 파일을 폴더 밖으로 옮기세요.",
};

const columns: Columns<JournaledCall> = [
  [
    { en: "written (KST)", ko: "기록(KST)" },
    ({ call, unreadable = "-" }) =>
      call === undefined
        ? joined([{ en: "unreadable", ko: "읽을 수 없음" }, coded(unreadable, unreadableFiles)], ": ")
        : koreanTime(call.at),
  ],
  [labels.order, ({ call }) => call?.orderId ?? "-"],
  [labels.call, ({ call }) => (call === undefined ? "-" : named(call.kind, callKinds))],
  [labels.amount, ({ call }) => (call === undefined ? "-" : won(call.price))],
  ["oid", ({ call }) => call?.oid ?? "-"],
  ["tid", ({ call }) => call?.tid ?? "-"],
  [{ en: "file", ko: "파일" }, ({ file }) => file],
];
