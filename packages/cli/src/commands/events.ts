import type { ConsumerStatus, DeadLetter, Ledger } from "@payapi/ledger";
import { type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import { handlerFailures, labels, ledgerEvents } from "../messages.js";
import { flag, required, text as textOption } from "../options.js";
import { type Columns, tableOf } from "../output.js";
import { coded, koreanTime } from "../text.js";
import { pageOptions, reviewList } from "./pages.js";

const consumerOption = textOption("NAME", { en: "of this consumer only", ko: "이 소비자만" });

/** Events that the shop's own code failed to handle, and their consumers. */
export const events: Command = {
  name: "events",
  summary: {
    en: "the consumers of the ledger's events, and events that the shop's code failed to handle",
    ko: "이벤트 소비자와 상점 코드가 처리하지 못한 이벤트",
  },
  notes: {
    en: "events lists the consumers and their progress. A dead letter failed ten times: fix the shop's handler first, then redeliver. A handler may get an event twice and must remember its id. dead ends with exit code 3 if there is one. Stop a consumer's workers before you remove it.",
    ko: "events는 소비자와 진행 상태를 보여 줍니다. dead는 10번 실패한 이벤트입니다. 상점의 처리 코드를 먼저 고친 뒤 redeliver 하세요. 같은 이벤트가 두 번 전달될 수 있으니 id를 기억해야 합니다. dead는 하나라도 있으면 종료 코드 3입니다. remove 전에 해당 소비자의 worker를 멈추세요.",
  },
  forms: [
    form({
      args: [],
      options: {},
      run: ({ settings }) =>
        withLedger(settings, async (ledger) => consumersReport(await ledger.events.consumers())),
    }),
    form({
      args: ["dead"],
      options: { consumer: consumerOption, limit: pageOptions.limit },
      run: ({ settings, options: { consumer, limit = 50 } }) =>
        withLedger(settings, async (ledger) =>
          deadReport(await ledger.events.deadLetters({ ...(await among(ledger, consumer)), limit })),
        ),
    }),
    form({
      args: ["redeliver", "<eventId>"],
      options: { consumer: consumerOption },
      run: ({ settings, value: id, options: { consumer } }) =>
        withLedger(settings, async (ledger) => {
          const redelivered = await ledger.events.redeliver(id, await among(ledger, consumer));
          if (redelivered > 0) return redeliveredReport(redelivered);
          throw new Failure(exitCodes.failed, "no-such-event", {
            en: "No dead letter has this id; nothing was changed. `payapi events dead` lists them.",
            ko: "이 id의 실패한 이벤트가 없습니다. 변경되지 않았습니다(`payapi events dead`).",
          });
        }),
    }),
    form({
      args: ["redeliver"],
      options: {
        all: required(flag({ en: "every dead letter", ko: "실패한 이벤트 전부" })),
        consumer: consumerOption,
      },
      run: ({ settings, options: { consumer } }) =>
        withLedger(settings, async (ledger) =>
          redeliveredReport(await redeliverAll(ledger, await among(ledger, consumer))),
        ),
    }),
    form({
      args: ["remove", "<consumer>"],
      options: {
        confirm: required(
          textOption("NAME", {
            en: "remove: the consumer's name again, since its waiting events are lost",
            ko: "remove: 대기 중인 이벤트가 사라지므로 소비자 이름을 다시 입력",
          }),
        ),
      },
      async run({ settings, value: consumer, options }) {
        if (options.confirm !== consumer) {
          throw usage(
            "A consumer's waiting events are lost when it is removed. Repeat its name with --confirm.",
            "소비자를 삭제하면 대기 중인 이벤트가 사라집니다. --confirm으로 이름을 다시 입력하세요.",
          );
        }
        const isRemoved = await withLedger(settings, (ledger) => ledger.events.removeConsumer(consumer));
        if (!isRemoved) throw noSuchConsumer();
        return {
          exitCode: exitCodes.ok,
          result: { removed: consumer },
          lines: [
            {
              en: "Removed with its waiting events. A new consumer of this name gets every event from the beginning.",
              ko: "대기 중이던 이벤트와 함께 삭제되었습니다. 같은 이름으로 다시 시작하면 모든 이벤트를 처음부터 받습니다.",
            },
          ],
        };
      },
    }),
  ],
};

/** A mistyped name must not look like a consumer without dead letters. */
async function among(ledger: Ledger, consumer: string | undefined): Promise<{ readonly consumer?: string }> {
  if (consumer === undefined) return {};
  if (!(await ledger.events.consumers()).some((each) => each.consumer === consumer)) throw noSuchConsumer();
  return { consumer };
}

function noSuchConsumer(): Failure {
  return new Failure(exitCodes.failed, "no-such-consumer", {
    en: "There is no such consumer; nothing was changed. `payapi events` lists them.",
    ko: "그런 소비자가 없습니다. 변경되지 않았습니다(`payapi events`).",
  });
}

async function redeliverAll(ledger: Ledger, whose: { readonly consumer?: string }): Promise<number> {
  let redelivered = 0;
  // The oldest first; once redelivered it is no longer a dead letter.
  for (;;) {
    const letters = await ledger.events.deadLetters({ ...whose, limit: 500 });
    let revived = 0;
    for (const { event, consumer } of letters)
      revived += await ledger.events.redeliver(event.id, { consumer });
    redelivered += revived;
    if (revived === 0) return redelivered;
  }
}

function redeliveredReport(redelivered: number): Report {
  return {
    exitCode: exitCodes.ok,
    result: { redelivered },
    lines: [
      {
        en: `${redelivered} put back into the queue; a running worker delivers them within seconds.`,
        ko: `${redelivered}건을 대기열에 다시 넣었습니다. 실행 중인 worker가 곧 전달합니다.`,
      },
    ],
  };
}

function consumersReport(found: readonly ConsumerStatus[]): Report {
  const none = {
    en: "None: no consumer takes events (startWorker or runOnce with a consumer).",
    ko: "없습니다. 이벤트를 받는 소비자가 없습니다(startWorker 또는 runOnce).",
  };
  const deadAdvice = { en: "Dead letters: payapi events dead", ko: "실패한 이벤트: payapi events dead" };
  return {
    exitCode: exitCodes.ok,
    result: { consumers: found.map((each) => ({ oldestWaitingAt: null, ...each })) },
    lines: [
      found.length === 0 ? none : tableOf(consumerColumns, found),
      ...(found.some(({ dead }) => dead > 0) ? ["", deadAdvice] : []),
    ],
  };
}

const consumerColumns: Columns<ConsumerStatus> = [
  [labels.consumer, ({ consumer }) => consumer],
  [{ en: "waiting", ko: "대기" }, ({ waiting }) => atLeast(waiting)],
  [
    { en: "oldest (KST)", ko: "가장 오래된 대기(KST)" },
    ({ oldestWaitingAt }) => (oldestWaitingAt === undefined ? "-" : koreanTime(oldestWaitingAt)),
  ],
  [{ en: "dead", ko: "실패" }, ({ dead }) => atLeast(dead)],
  [
    "",
    ({ consumer, filling, removing }) => {
      const removal = `payapi events remove ${consumer} --confirm ${consumer}`;
      if (removing) return { en: `removal not finished: ${removal}`, ko: `삭제가 끝나지 않음: ${removal}` };
      return filling ? { en: "still filling", ko: "채우는 중" } : "";
    },
  ],
];

/** The ledger counts no further. */
function atLeast(counted: number): string {
  return counted >= 10_000 ? `${counted}+` : String(counted);
}

function deadReport(found: readonly DeadLetter[]): Report {
  return reviewList(
    found,
    { deadLetters: found.map(deadResult) },
    {
      none: { en: "None: every event was handled.", ko: "없습니다. 모든 이벤트가 처리되었습니다." },
      columns: deadColumns,
      advice: [
        {
          en: "Once the handler is fixed: payapi events redeliver <eventId>, or --all. Paid orders among them were perhaps not shipped.",
          ko: "처리 코드를 고친 뒤: payapi events redeliver <eventId> 또는 --all. 결제되었지만 배송되지 않은 주문일 수 있습니다.",
        },
      ],
      problem: {
        code: "dead-letters",
        text: {
          en: `${found.length} events failed ten times in a handler of the shop.`,
          ko: `상점 코드가 10번 처리하지 못한 이벤트 ${found.length}건이 있습니다.`,
        },
      },
    },
  );
}

const deadColumns: Columns<DeadLetter> = [
  [{ en: "given up (KST)", ko: "포기(KST)" }, ({ deadAt }) => koreanTime(deadAt)],
  [labels.consumer, ({ consumer }) => consumer],
  [{ en: "event", ko: "이벤트" }, ({ event }) => coded(event.kind, ledgerEvents)],
  [{ en: "about", ko: "대상" }, ({ event }) => Object.values(subjectOf(event))[0] ?? ""],
  [{ en: "failure", ko: "오류" }, ({ failure = "-" }) => coded(failure, handlerFailures)],
  ["id", ({ event }) => event.id],
];

function deadResult({ consumer, event, deadAt, failure }: DeadLetter): Readonly<Record<string, unknown>> {
  const { id, kind, at } = event;
  return { consumer, deadAt, failure, event: { id, kind, at, ...subjectOf(event) } };
}

function subjectOf(event: DeadLetter["event"]): Readonly<Record<string, string>> {
  if ("keyId" in event) return { keyId: event.keyId };
  if ("seen" in event) return { database: event.seen };
  return "notificationId" in event ? { notificationId: event.notificationId } : { orderId: event.orderId };
}
