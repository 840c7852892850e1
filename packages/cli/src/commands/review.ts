import type { CallInReview, Ledger, OverdueAccount } from "@payapi/ledger";
import { databaseChanged, resolveAdvice } from "../advice.js";
import { type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { withLedger } from "../ledger-settings.js";
import { callKinds, callStates, labels } from "../messages.js";
import { type Columns, type Line, table, tableOf } from "../output.js";
import { recentSetupFaults } from "../setup-faults.js";
import { joined, koreanTime, named, type Text, won } from "../text.js";
import { newest } from "./notifications.js";

const dayMs = 86_400_000;
/** Older notifications are not counted: they were reviewed before, or never will be. */
const notificationDays = 7;
/** Older virtual accounts are not counted: a list of all that buyers ever left unpaid would be too long to read. */
const overdueDays = 14;
/** The largest count. */
const most = 500;

/** Lists everything that operators must review. */
export const review: Command = {
  name: "review",
  summary: {
    en: "start here: lists calls with an unknown outcome, and everything else that needs review",
    ko: "여기서 시작: 결과 확인 중인 요청과 확인이 필요한 항목",
  },
  notes: {
    en: "Look each call up in the gateway's console by its oid. Below the calls stand virtual accounts past their due date (mostly unpaid), and each other thing that needs review with its command. Exit code 3 for a call, an entry in the journal, or a database that is not accepted; else 0.",
    ko: "결제사 관리자 화면에서 oid로 확인하세요. 그 아래에 입금 기한이 지난 가상계좌(대개 미입금)와 그 밖에 확인할 항목이 명령과 함께 나옵니다. 확인할 요청이나 저널 항목이 있거나 데이터베이스가 승인되지 않았으면 종료 코드 3, 아니면 0입니다.",
  },
  forms: [
    form({
      args: [],
      options: {},
      async run({ settings }) {
        const dueSince = new Date(Date.now() - overdueDays * dayMs);
        const [calls, overdue, also] = await withLedger(settings, (ledger) =>
          Promise.all([
            ledger.payments.needsReview(),
            ledger.payments.overdueAccounts({ dueSince }),
            alsoInReview(ledger),
          ]),
        );
        return report(calls, overdue, also);
      },
    }),
  ],
};

function report(
  calls: readonly CallInReview[],
  overdue: readonly OverdueAccount[],
  also: AlsoInReview,
): Report {
  const isUrgent = !also.databaseAccepted || also.journaled > 0;
  const needsReview = calls.length > 0 || isUrgent;
  const problem = isUrgent
    ? {
        code: "look-into",
        text: {
          en: "The database and the gateway must be compared.",
          ko: "데이터베이스와 결제사를 비교해야 합니다.",
        },
      }
    : {
        code: "unknowns",
        text: { en: `${calls.length} calls need review.`, ko: `확인할 요청 ${calls.length}건이 있습니다.` },
      };
  return {
    exitCode: needsReview ? exitCodes.review : exitCodes.ok,
    result: {
      calls: calls.map(callResult),
      overdueAccounts: overdue.map(({ order: _, ...account }) => account),
      also,
    },
    lines: [
      ...(calls.length === 0
        ? // The outcomes of calls in progress are not known yet.
          [{ en: "No call needs review.", ko: "확인이 필요한 요청이 없습니다." }]
        : [tableOf(columns, calls), "", ...advice(calls)]),
      ...overdueLines(overdue),
      ...alsoLines(also),
    ],
    problem: needsReview ? problem : undefined,
  };
}

const columns: Columns<CallInReview> = [
  [{ en: "since (KST)", ko: "시각(KST)" }, ({ since }) => koreanTime(since)],
  [labels.order, ({ orderId }) => orderId],
  [labels.call, ({ kind }) => named(kind, callKinds)],
  [
    labels.state,
    ({ state, mismatch }) => joined([named(state, callStates), ...(mismatch ? ["!"] : [])], " "),
  ],
  [labels.amount, ({ price }) => won(price)],
  ["oid", ({ oid }) => oid],
  ["tid", ({ tid }) => tid ?? "-"],
];

function advice(calls: readonly CallInReview[]): readonly Line[] {
  const isUnknown = ({ state }: CallInReview) => state === "unknown" || state === "sending";
  return [
    calls.some(isUnknown) && resolveAdvice,
    calls.some((each) => each.mismatch || !isUnknown(each)) && {
      en: "A call in another state, or with a !, does not match the request: payapi orders <orderId> shows what to compare with the console, and how to close it.",
      ko: "상태가 다르거나 !가 있는 요청은 요청과 다르게 처리되었습니다. payapi orders <주문번호>에서 비교할 내용과 처리 방법을 확인하세요.",
    },
  ];
}

function callResult({ order, tid, ...call }: CallInReview): Readonly<Record<string, unknown>> {
  return { ...call, tid, orderStatus: order.status, remainingPrice: order.remainingPrice };
}

/** Mostly buyers who did not pay; perhaps also deposits whose notification was lost. */
function overdueLines(overdue: readonly OverdueAccount[]): readonly Line[] {
  if (overdue.length === 0) return [];
  return [
    "",
    {
      en: `${overdue.length} virtual accounts have passed their due date in the last ${overdueDays} days without a deposit; if the console shows one: payapi resolve <orderId> --outcome moved --tid TID --actor NAME --evidence TEXT`,
      ko: `최근 ${overdueDays}일 동안 입금 기한이 지난 가상계좌 ${overdue.length}건. 관리자 화면에 입금이 있으면: payapi resolve <주문번호> --outcome moved --tid 거래번호 --actor 이름 --evidence 근거`,
    },
    table(
      overdue.map(({ dueAt, orderId, price, oid, tid }) => [
        koreanTime(dueAt),
        orderId,
        won(price),
        oid,
        tid,
      ]),
    ),
  ];
}

/** What needs review beside unknown calls; each kind has its own command. */
interface AlsoInReview {
  readonly databaseAccepted: boolean;
  readonly journaled: number;
  readonly notifications: number;
  readonly deadLetters: number;
  readonly orphanKeys: number;
  readonly setupFaults: number;
}

async function alsoInReview(ledger: Ledger): Promise<AlsoInReview> {
  const [{ accepted }, journaled, notifications, deadLetters, orphanKeys, setupFaults] = await Promise.all([
    ledger.operations.database(),
    ledger.operations.journal(),
    newest(ledger, ["quarantined", "mismatch"], { limit: most }),
    ledger.events.deadLetters({ limit: most }),
    ledger.keys.orphans({ limit: most }),
    recentSetupFaults(ledger),
  ]);
  const since = Date.now() - notificationDays * dayMs;
  return {
    databaseAccepted: accepted,
    journaled: journaled.length,
    notifications: notifications.filter(({ receivedAt }) => receivedAt.getTime() > since).length,
    deadLetters: deadLetters.length,
    orphanKeys: orphanKeys.length,
    setupFaults: setupFaults.length,
  };
}

function alsoLines(also: AlsoInReview): readonly Line[] {
  const counted: readonly (readonly [count: number, text: Text, command: string])[] = [
    [
      also.journaled,
      {
        en: "Entries in the journal that the database does not accept, mostly approved payments",
        ko: "데이터베이스에 기록하지 못한 저널 항목(대개 승인된 결제)",
      },
      "journal",
    ],
    [
      also.notifications,
      {
        en: `Notifications of the last ${notificationDays} days that need review`,
        ko: `최근 ${notificationDays}일 동안 확인이 필요한 알림`,
      },
      "notifications",
    ],
    [
      also.deadLetters,
      { en: "Events that the shop's code failed to handle", ko: "상점이 처리하지 못한 이벤트" },
      "events dead",
    ],
    [
      also.orphanKeys,
      {
        en: "Unused billing keys that may still exist at the gateway",
        ko: "사용하지 않지만 결제사에 남아 있을 수 있는 빌키",
      },
      "keys",
    ],
    [
      also.setupFaults,
      {
        en: "Orders of the last day that the gateway refused for the shop's set-up, not for a card",
        ko: "최근 하루 동안 카드가 아니라 상점 설정 문제로 거절된 주문",
      },
      "doctor",
    ],
  ];
  const lines: readonly Line[] = [
    !also.databaseAccepted && databaseChanged,
    ...counted.map(([count, { en, ko }, command]) => {
      const shown = count >= most ? `${most}+` : String(count);
      return (
        count > 0 && {
          en: `${en}: ${shown} (payapi ${command})`,
          ko: `${ko}: ${shown}건 (payapi ${command})`,
        }
      );
    }),
  ];
  const shown = lines.filter((line) => line !== false);
  return shown.length === 0 ? [] : ["", ...shown];
}
