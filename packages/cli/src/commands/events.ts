import type { ConsumerStatus, DeadLetter, Ledger } from "@payapi/ledger";
import { coded, eventWords, handlerFailureWords } from "../code-words.js";
import type { Call, Command, Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { table } from "../output.js";
import { count, optional } from "../read-options.js";
import { koreanTime, type Text } from "../words.js";
import { afterVerb, nothingAfterVerb, verbOf } from "./verbs.js";

/** What the shop's own code was told, and failed to take. */
export const events: Command = {
  name: "events",
  summary: {
    en: "events that the shop's own code did not take, and who takes them",
    ko: "쇼핑몰 코드가 처리하지 못한 이벤트와 소비자 관리",
  },
  usage: [
    "events [consumers]",
    "events dead [--consumer NAME] [--limit N]",
    "events redeliver <eventId> [--consumer NAME]",
    "events redeliver --all [--consumer NAME]",
    "events remove <consumer> --confirm NAME",
  ],
  arguments: 2,
  options: {
    consumer: { type: "string", value: "NAME", help: { en: "of this consumer only", ko: "이 소비자만" } },
    limit: { type: "string", value: "N", help: { en: "at most this many, 50", ko: "최대 개수(기본 50)" } },
    all: { type: "boolean", help: { en: "every dead letter", ko: "실패한 이벤트 전부" } },
    confirm: {
      type: "string",
      value: "NAME",
      help: {
        en: "remove: the consumer's name again, since what waits for it is lost",
        ko: "remove: 대기 중인 이벤트가 사라지므로 소비자 이름을 다시 입력",
      },
    },
  },
  notes: {
    en: "Without a word: every consumer, and how far it is. A dead letter was tried ten times; mend the shop's handler first, then redeliver. A handler may get an event twice, so it must remember its id. dead ends with 3 if there is one. Stop a consumer's workers before you remove it.",
    ko: "단어가 없으면 소비자와 진행 상태를 보여 줍니다. dead는 10번 실패한 이벤트입니다. 쇼핑몰의 처리 코드를 먼저 고친 뒤 redeliver 하세요. 같은 이벤트가 두 번 전달될 수 있으니 id를 기억해야 합니다. dead는 하나라도 있으면 종료 코드 3입니다. remove 전에 해당 소비자의 worker를 멈추세요.",
  },
  async run(call) {
    const verb = verbOf(call, ["dead", "redeliver", "remove", "consumers"]);
    refuseStrayOptions(call, verb ?? "consumers");
    switch (verb) {
      case undefined:
      case "consumers":
        nothingAfterVerb(call);
        return withLedger(call, (ledger) => listConsumers(call, ledger));
      case "dead":
        nothingAfterVerb(call);
        return withLedger(call, (ledger) => listDead(call, ledger));
      case "redeliver":
        return call.options.all === true ? redeliverAll(call) : redeliverOne(call);
      case "remove":
        return remove(call);
    }
  },
};

const optionsOf = {
  consumers: [],
  dead: ["consumer", "limit"],
  redeliver: ["consumer", "all"],
  remove: ["confirm"],
} as const;

function refuseStrayOptions(call: Call, verb: keyof typeof optionsOf): void {
  const taken: readonly string[] = optionsOf[verb];
  for (const name of Object.keys(events.options)) {
    if (call.options[name] !== undefined && !taken.includes(name)) {
      throw usage(
        `--${name} does not go with events ${verb}.`,
        `--${name}은(는) events ${verb}와 함께 쓸 수 없습니다.`,
      );
    }
  }
}

function withLedger(call: Call, work: (ledger: Ledger) => Promise<Report>): Promise<Report> {
  return call.settings.withLedger(call.settings.merchant(), work);
}

/** Whose dead letters are meant. A mistyped name must not look like a consumer that took everything. */
async function among(call: Call, ledger: Ledger): Promise<{ readonly consumer?: string }> {
  const consumer = optional(call, "consumer");
  if (consumer === undefined) return {};
  if (!(await ledger.consumers()).some((each) => each.consumer === consumer)) throw noSuchConsumer();
  return { consumer };
}

function noSuchConsumer(): Failure {
  return new Failure(exitCodes.failed, "no-such-consumer", {
    en: "There is no such consumer; nothing was changed. `payapi events` lists them.",
    ko: "그런 소비자가 없습니다. 변경되지 않았습니다(`payapi events`).",
  });
}

async function listConsumers(call: Call, ledger: Ledger): Promise<Report> {
  const found = await ledger.consumers();
  const heading = [
    call.say({ en: "consumer", ko: "소비자" }),
    call.say({ en: "waiting", ko: "대기" }),
    call.say({ en: "oldest (KST)", ko: "가장 오래된 대기(KST)" }),
    call.say({ en: "dead", ko: "실패" }),
    "",
  ];
  return {
    exitCode: exitCodes.ok,
    result: { consumers: found.map((each) => ({ ...each, oldestWaitingAt: each.oldestWaitingAt ?? null })) },
    lines:
      found.length === 0
        ? [
            call.say({
              en: "None: nobody takes events (startWorker or runOnce with a consumer).",
              ko: "없습니다. 이벤트를 받는 소비자가 없습니다(startWorker 또는 runOnce).",
            }),
          ]
        : [
            ...table([heading, ...found.map((each) => consumerRow(call, each))]),
            ...(found.some(({ dead }) => dead > 0) ? ["", call.say(deadAdvice)] : []),
          ],
  };
}

const deadAdvice: Text = {
  en: "Dead letters: payapi events dead",
  ko: "실패한 이벤트: payapi events dead",
};

function consumerRow(call: Call, status: ConsumerStatus): string[] {
  const { consumer, waiting, oldestWaitingAt, dead, filling, removing } = status;
  return [
    consumer,
    atLeast(waiting),
    oldestWaitingAt === undefined ? "-" : koreanTime(oldestWaitingAt),
    atLeast(dead),
    [
      ...(filling ? [call.say({ en: "still filling", ko: "채우는 중" })] : []),
      ...(removing
        ? [
            call.say({
              en: `removal not ended: payapi events remove ${consumer} --confirm ${consumer}`,
              ko: `제거가 끝나지 않음: payapi events remove ${consumer} --confirm ${consumer}`,
            }),
          ]
        : []),
    ].join(", "),
  ];
}

/** The ledger counts no further. */
function atLeast(counted: number): string {
  return counted >= 10_000 ? `${counted}+` : String(counted);
}

async function listDead(call: Call, ledger: Ledger): Promise<Report> {
  const limit = count(call, "limit", 500) ?? 50;
  const found = await ledger.deadLetters({ ...(await among(call, ledger)), limit });
  if (found.length === 0) {
    return {
      exitCode: exitCodes.ok,
      result: { deadLetters: [] },
      lines: [
        call.say({ en: "None: every event was taken.", ko: "없습니다. 모든 이벤트가 처리되었습니다." }),
      ],
    };
  }
  const heading = [
    call.say({ en: "given up (KST)", ko: "포기(KST)" }),
    call.say({ en: "consumer", ko: "소비자" }),
    call.say({ en: "event", ko: "이벤트" }),
    call.say({ en: "about", ko: "대상" }),
    call.say({ en: "failure", ko: "오류" }),
    "id",
  ];
  const text = {
    en: `${found.length} that a handler of the shop failed to take ten times.`,
    ko: `쇼핑몰 코드가 10번 처리하지 못한 이벤트 ${found.length}건이 있습니다.`,
  };
  return {
    exitCode: exitCodes.attention,
    result: { deadLetters: found.map(deadResult) },
    lines: [
      ...table([
        heading,
        ...found.map((letter) => [
          koreanTime(letter.deadAt),
          letter.consumer,
          coded(letter.event.kind, eventWords, call.language),
          subjectOf(letter),
          letter.failure === undefined ? "-" : coded(letter.failure, handlerFailureWords, call.language),
          letter.event.id,
        ]),
      ]),
      "",
      call.say({
        en: "Once the handler is mended: payapi events redeliver <id>, or --all. Paid orders among them were perhaps not shipped.",
        ko: "처리 코드를 고친 뒤: payapi events redeliver <id> 또는 --all. 결제되었지만 배송되지 않은 주문일 수 있습니다.",
      }),
    ],
    problem: { code: "dead-letters", text },
  };
}

function subjectOf({ event }: DeadLetter): string {
  return Object.values(aboutOf(event))[0] ?? "";
}

function deadResult({ consumer, event, deadAt, failure }: DeadLetter): Readonly<Record<string, unknown>> {
  const { id, kind, at } = event;
  return { consumer, deadAt, failure: failure ?? null, event: { id, kind, at, ...aboutOf(event) } };
}

function aboutOf(event: DeadLetter["event"]): Readonly<Record<string, string>> {
  if ("keyId" in event) return { keyId: event.keyId };
  return "notificationId" in event ? { notificationId: event.notificationId } : { orderId: event.orderId };
}

function redeliverOne(call: Call): Promise<Report> {
  const id = afterVerb(call, "<eventId>");
  return withLedger(call, async (ledger) => {
    const redelivered = await ledger.redeliver(id, await among(call, ledger));
    if (redelivered === 0) {
      throw new Failure(exitCodes.failed, "no-such-event", {
        en: "No dead letter has this id; nothing was changed. `payapi events dead` lists them.",
        ko: "이 id의 실패한 이벤트가 없습니다. 변경되지 않았습니다(`payapi events dead`).",
      });
    }
    return redeliveredReport(call, redelivered);
  });
}

function redeliverAll(call: Call): Promise<Report> {
  nothingAfterVerb(call);
  return withLedger(call, async (ledger) => {
    const whose = await among(call, ledger);
    let redelivered = 0;
    // The oldest first; each that is redelivered is no dead letter any more.
    for (;;) {
      const letters = await ledger.deadLetters({ ...whose, limit: 500 });
      let revived = 0;
      for (const { event, consumer } of letters) revived += await ledger.redeliver(event.id, { consumer });
      redelivered += revived;
      if (revived === 0) return redeliveredReport(call, redelivered);
    }
  });
}

function redeliveredReport(call: Call, redelivered: number): Report {
  return {
    exitCode: exitCodes.ok,
    result: { redelivered },
    lines: [
      call.say({
        en: `${redelivered} put back into the queue; a running worker delivers them within seconds.`,
        ko: `${redelivered}건을 대기열에 다시 넣었습니다. 실행 중인 worker가 곧 전달합니다.`,
      }),
    ],
  };
}

function remove(call: Call): Promise<Report> {
  const consumer = afterVerb(call, "<consumer>");
  if (optional(call, "confirm") !== consumer) {
    throw usage(
      "What waits for a consumer is lost when it is removed. Give its name again with --confirm.",
      "소비자를 제거하면 대기 중인 이벤트가 사라집니다. --confirm으로 이름을 다시 입력하세요.",
    );
  }
  return withLedger(call, async (ledger) => {
    if (!(await ledger.removeConsumer(consumer))) throw noSuchConsumer();
    return {
      exitCode: exitCodes.ok,
      result: { removed: consumer },
      lines: [
        call.say({
          en: "Removed, with what waited for it. One of this name that starts again gets every event there ever was.",
          ko: "대기 중이던 이벤트와 함께 제거되었습니다. 같은 이름으로 다시 시작하면 모든 이벤트를 처음부터 받습니다.",
        }),
      ],
    };
  });
}
