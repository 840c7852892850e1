import { acquirers } from "@payapi/core/codes";
import { type Command, form } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { failureOf, usage } from "../failure.js";
import { fields } from "../output.js";
import { named, type Text } from "../text.js";

const types: Readonly<Record<string, Text>> = {
  credit: { en: "credit", ko: "신용" },
  debit: { en: "debit", ko: "체크" },
  gift: { en: "gift", ko: "기프트" },
};

/** The issuer of a card. */
export const prefix: Command = {
  name: "prefix",
  summary: { en: "the issuer of a card, from its first six digits", ko: "카드번호 앞 6자리로 카드사 조회" },
  notes: {
    en: "Give six digits and never more: command lines are seen by others on this machine, and kept.",
    ko: "6자리만 입력하세요. 명령줄은 이 컴퓨터의 다른 사용자에게 보이고 기록에 남습니다.",
  },
  forms: [
    form({
      words: ["<digits>"],
      options: {},
      async run({ settings, value: digits }) {
        if (!/^\d{6}$/.test(digits)) {
          throw usage(
            "Exactly six digits are needed. If that was a whole card number, delete it from your shell's history.",
            "숫자 6자리가 필요합니다. 전체 카드번호를 입력했다면 셸 기록에서 지우세요.",
          );
        }
        const payapi = settings.payapi();
        const found = await payapi.cards.lookupPrefix({ cardNumber: digits }).catch((error: unknown) => {
          throw failureOf(error, "reads");
        });
        const { cardCode, cardType, cardName } = found;
        const company = cardCode === undefined ? undefined : acquirers.lookUp(cardCode);
        const companyName = company?.known ? `${company.en} (${company.ko})` : company?.code;
        return {
          exitCode: exitCodes.ok,
          result: {
            prefix: digits,
            cardCode: cardCode ?? null,
            cardType: cardType ?? null,
            cardName: cardName ?? null,
            company: company?.known ? { en: company.en, ko: company.ko } : null,
          },
          lines: [
            fields([
              [{ en: "prefix", ko: "앞 6자리" }, digits],
              [{ en: "company", ko: "카드사" }, companyName && `${companyName} · ${cardCode}`],
              [{ en: "type", ko: "종류" }, cardType && named(cardType, types)],
              [{ en: "name", ko: "카드명" }, cardName],
            ]),
          ],
        };
      },
    }),
  ],
};
