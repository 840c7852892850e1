import { networkInterfaces } from "node:os";
import { type Command, form } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { failureOf } from "../failure.js";
import { labels, payTypes } from "../messages.js";
import { fields } from "../output.js";
import { coded, named, type Text, won } from "../text.js";

const statuses: Readonly<Record<string, Text>> = {
  approved: { en: "approved", ko: "승인" },
  "cancelled-same-day": { en: "cancelled on the same day", ko: "당일취소" },
  "cancelled-later": { en: "cancelled later", ko: "익일 이후 취소" },
  "purchase-confirmed": { en: "purchase confirmed", ko: "구매확정" },
  "purchase-rejected": { en: "purchase rejected", ko: "구매거절" },
};

/** The gateway's only inquiry. */
export const escrowStatus: Command = {
  name: "escrow-status",
  summary: { en: "the state of an escrow payment", ko: "에스크로 거래 상태 조회" },
  notes: {
    en: "Only escrow payments can be looked up; the gateway has no inquiry for others.",
    ko: "에스크로 거래만 조회할 수 있습니다. 다른 결제의 조회는 결제사가 제공하지 않습니다.",
  },
  forms: [
    form({
      args: ["<tid>"],
      options: {},
      async run({ settings, value: tid }) {
        const payapi = settings.payapi();
        const asked = payapi.escrow.getStatus({ tid, clientIp: ownAddress() });
        const found = await asked.catch((error: unknown) => {
          throw failureOf(error, "reads");
        });
        const { status, payMethod, oid, price, approvedDate, denyMsg } = found;
        return {
          exitCode: exitCodes.ok,
          result: { tid: found.tid ?? tid, oid, status, payMethod, price, approvedDate, denyMsg },
          lines: [
            fields([
              [labels.state, status && named(status, statuses)],
              [labels.order, oid],
              ["tid", found.tid ?? tid],
              [labels.amount, price === undefined ? undefined : won(price)],
              [{ en: "method", ko: "결제수단" }, payMethod && coded(payMethod, payTypes)],
              [{ en: "approved on", ko: "승인일" }, approvedDate],
              [{ en: "reason of rejection", ko: "거절 사유" }, denyMsg],
            ]),
          ],
        };
      },
    }),
  ],
};

function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}
