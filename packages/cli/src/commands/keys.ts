import type { ClosedOrphanKey, OrphanKey, OrphanState } from "@payapi/ledger";
import { type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import { keyKinds, keyStates, labels } from "../messages.js";
import { oneOf, statement } from "../options.js";
import type { Columns, Line } from "../output.js";
import { koreanTime, named, type Text } from "../text.js";
import { saidBy } from "./cancel.js";
import { deleteKey, keyFields, keyResult, noSuchOrphan } from "./delete-key.js";
import { olderLines, pageOptions, readPage, reviewList } from "./pages.js";

const states: readonly OrphanState[] = ["unknown", "deleting"];

/** Lists unused billing keys that may still exist at the gateway, and deletes or closes them. */
export const keys: Command = {
  name: "keys",
  summary: {
    en: "unused billing keys that may still exist at the gateway",
    ko: "사용하지 않지만 결제사에 남아 있을 수 있는 빌키",
  },
  notes: {
    en: "unknown: it is unknown whether the gateway issued the key. deleting: a stopped key whose deletion the gateway did not confirm. No key is ever shown. delete asks the gateway once more to delete a stopped key, with LEDGER_SECRET, and never repeats by itself. close states that the gateway has no such key; an unknown issue can be closed ten minutes after its deadline. Exit code 3 if any key is listed.",
    ko: "unknown은 결제사의 빌키 발급 여부를 알 수 없는 발급, deleting은 사용을 멈췄지만 결제사가 삭제를 확인하지 않은 빌키입니다. 빌키 값은 표시되지 않습니다. delete는 LEDGER_SECRET으로 결제사에 삭제를 한 번 더 요청하며 자동으로 반복하지 않습니다. close는 결제사에 빌키가 없음을 기록합니다. 결과를 모르는 발급은 제한 시간이 지나고 10분 뒤부터 기록할 수 있습니다. 목록에 하나라도 있으면 종료 코드 3입니다.",
  },
  forms: [
    form({
      args: [],
      options: {
        state: oneOf("STATE", states, {
          en: `only those: ${states.join(", ")}`,
          ko: `이 상태만: ${states.join(", ")}`,
        }),
        ...pageOptions,
      },
      async run({ settings, options: { state, ...page } }) {
        const [found, older] = await withLedger(settings, (ledger) =>
          readPage(page, (each) =>
            ledger.keys.orphans({ ...each, ...(state === undefined ? {} : { state }) }),
          ),
        );
        return listReport(found, olderLines("keys", older, { state, limit: page.limit }));
      },
    }),
    form({ args: ["delete", "<callId>"], options: {}, run: deleteKey }),
    form({
      args: ["close", "<callId>"],
      options: statement,
      async run({ settings, value: callId, options }) {
        const closed = await withLedger(settings, (ledger) => ledger.keys.closeOrphan(callId, options));
        if (closed.status === "refused") throw closeRefused(closed);
        return {
          exitCode: exitCodes.ok,
          result: { key: keyResult(closed.key) },
          lines: [
            {
              en: "Closed: it is no longer listed.",
              ko: "처리 완료로 기록되었습니다. 더는 목록에 나오지 않습니다.",
            },
            keyFields(closed.key),
          ],
        };
      },
    }),
  ],
};

function closeRefused(closed: Extract<ClosedOrphanKey, { status: "refused" }>): Failure {
  if (closed.reason === "no-such-orphan") return noSuchOrphan();
  const when = koreanTime(closed.notBefore);
  return new Failure(
    exitCodes.failed,
    closed.reason,
    {
      en: `The gateway may still issue the key; nothing was changed. Check again, and close it, from ${when} KST on.`,
      ko: `결제사가 아직 빌키를 발급할 수 있습니다. 변경되지 않았습니다. ${when} KST부터 다시 확인하고 기록하세요.`,
    },
    { facts: { notBefore: closed.notBefore } },
  );
}

function listReport(found: readonly OrphanKey[], older: readonly Line[]): Report {
  const keys = found.map((key) => ({ resultCode: null, resultMessage: null, ...key }));
  return reviewList(
    found,
    { keys },
    {
      none: {
        en: "None: every billing key at the gateway is in use.",
        ko: "없습니다. 결제사에 남은 미사용 빌키가 없습니다.",
      },
      columns,
      advice: [...advice(found), ...older],
      problem: {
        code: "orphan-keys",
        text: {
          en: `${found.length} billing keys need review.`,
          ko: `확인할 빌키 ${found.length}건이 있습니다.`,
        },
      },
    },
  );
}

const retrying: Text = { en: "tries again", ko: "재시도 중" };
const gaveUp: Text = { en: "gave up", ko: "재시도 끝" };

const columns: Columns<OrphanKey> = [
  [{ en: "issue begun (KST)", ko: "발급 시작(KST)" }, ({ createdAt }) => koreanTime(createdAt)],
  [labels.customerId, ({ customerId }) => customerId],
  [labels.kind, ({ kind }) => named(kind, keyKinds)],
  [labels.state, ({ state }) => named(state, keyStates)],
  ["worker", (key) => (key.state === "unknown" ? "-" : key.retrying ? retrying : gaveUp)],
  [labels.gatewaySays, (key) => saidBy(key) || "-"],
  [{ en: "call id", ko: "요청 id" }, ({ callId }) => callId],
];

function advice(found: readonly OrphanKey[]): readonly Line[] {
  const isUnknown = ({ state }: OrphanKey) => state === "unknown";
  const isRetried = (each: OrphanKey) => each.retrying;
  return [
    found.some(isUnknown) && {
      en: "issue unknown: find it in the gateway's console by its time and buyer, and have a key that exists deleted; then: payapi keys close <callId> --actor NAME --evidence TEXT",
      ko: "발급 결과 확인 중: 관리자 화면에서 시각과 구매자로 발급을 찾아 빌키가 있으면 삭제를 요청하세요. 그 뒤: payapi keys close <callId> --actor 이름 --evidence 근거",
    },
    found.some(isRetried) && {
      en: "tries again: a worker that has LEDGER_SECRET asks the gateway by itself (payapi worker).",
      ko: "재시도 중: LEDGER_SECRET이 있는 worker가 결제사에 자동으로 다시 요청합니다(payapi worker).",
    },
    found.some((each) => !isUnknown(each) && !isRetried(each)) && {
      en: "gave up: payapi keys delete <callId> asks the gateway once more. If the gateway says that there is no such key: payapi keys close <callId> --actor NAME --evidence TEXT",
      ko: "재시도 끝: payapi keys delete <callId>로 결제사에 한 번 더 요청하세요. 결제사에 그 빌키가 없다면: payapi keys close <callId> --actor 이름 --evidence 근거",
    },
  ];
}
