import { networkInterfaces } from "node:os";
import type { Command } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { failureOf } from "../failure.js";
import { fields } from "../output.js";
import { argument, optional } from "../read-options.js";
import { named, type Text, won } from "../words.js";

const statuses: Readonly<Record<string, Text>> = {
  approved: { en: "approved", ko: "승인" },
  "cancelled-same-day": { en: "cancelled on the same day", ko: "당일취소" },
  "cancelled-later": { en: "cancelled later", ko: "익일 이후 취소" },
  "purchase-confirmed": { en: "purchase confirmed", ko: "구매확정" },
  "purchase-rejected": { en: "purchase rejected", ko: "구매거절" },
};

const methods: Readonly<Record<string, Text>> = {
  card: { en: "card", ko: "신용카드" },
  bank: { en: "account transfer", ko: "계좌이체" },
  vbank: { en: "virtual account", ko: "가상계좌" },
};

/** The one inquiry the gateway has. */
export const escrowStatus: Command = {
  name: "escrow-status",
  summary: { en: "the state of an escrow payment", ko: "에스크로 거래 상태 조회" },
  usage: ["escrow-status <tid> [--client-ip ADDRESS]"],
  arguments: 1,
  options: {
    "client-ip": {
      type: "string",
      value: "ADDRESS",
      help: {
        en: "the IPv4 address to name as asking; this machine's unless said",
        ko: "요청자 IPv4 주소(기본: 이 컴퓨터)",
      },
    },
  },
  notes: {
    en: "Only escrow payments can be looked up; the gateway has no inquiry for others.",
    ko: "에스크로 거래만 조회할 수 있습니다. 다른 결제의 조회는 결제사가 제공하지 않습니다.",
  },
  async run(call) {
    const tid = argument(call, "<tid>");
    const clientIp = optional(call, "client-ip") ?? ownAddress();
    const payapi = call.settings.payapi();
    const found = await payapi.escrow.getStatus({ tid, clientIp }).catch((error: unknown) => {
      throw failureOf(error, "reads");
    });
    const { status, payMethod, oid, price, approvedDate, denyMsg } = found;
    return {
      exitCode: exitCodes.ok,
      result: {
        tid: found.tid ?? tid,
        oid: oid ?? null,
        status: status ?? null,
        payMethod: payMethod ?? null,
        price: price ?? null,
        approvedDate: approvedDate ?? null,
        denyMsg: denyMsg ?? null,
      },
      lines: fields([
        [call.say({ en: "state", ko: "상태" }), status && named(status, statuses[status], call.language)],
        [call.say({ en: "order", ko: "주문번호" }), oid],
        ["tid", found.tid ?? tid],
        [call.say({ en: "amount", ko: "금액" }), price === undefined ? undefined : call.say(won(price))],
        [
          call.say({ en: "method", ko: "결제수단" }),
          payMethod && named(payMethod, methods[payMethod], call.language),
        ],
        [call.say({ en: "approved on", ko: "승인일" }), approvedDate],
        [call.say({ en: "reason of rejection", ko: "거절 사유" }), denyMsg === "" ? undefined : denyMsg],
      ]),
    };
  },
};

function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}
