import { createPayApi } from "@payapi/core";
import { type Operation, operationList, type RequestField } from "@payapi/core/operations";
import { sandboxMerchant } from "@payapi/sandbox";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
// The sandbox publishes a server, not its decoder; here the decoder itself is asked.
import { checkRequest } from "../../../sandbox/src/gateway/check-request.js";
import { indexMerchants } from "../../../sandbox/src/gateway/merchants.js";
import { decodeForm } from "../../../sandbox/src/http/form.js";
import { callOperation } from "../../src/gateway/prepare.js";

/** A value as a caller gives it, and as the gateway must read it. */
interface Sample {
  readonly given: unknown;
  readonly read: string;
}

const same = (arbitrary: fc.Arbitrary<string>) =>
  arbitrary.map((text): Sample => ({ given: text, read: text }));
const padded = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((n): Sample => ({ given: n, read: String(n).padStart(2, "0") }));
const amount = (least: number, size: number | null) =>
  fc
    .integer({ min: least, max: Math.min(10 ** (size ?? 15) - 1, Number.MAX_SAFE_INTEGER) })
    .map((n): Sample => ({ given: n, read: String(n) }));
const digits = (least: number, most: number) =>
  same(fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: least, maxLength: most }));

/** Text full of what encodings trip over, and any other character that is legal in the field. */
function text(field: RequestField, signed: boolean): fc.Arbitrary<Sample> {
  const awkward = fc.constantFrom(
    "가",
    "힣",
    "똠",
    "+",
    "%",
    "%2B",
    " ",
    "😀",
    "é",
    "\u200b",
    "/",
    "'",
    "<",
    "한글",
    // Decomposed, as macOS writes file names; characters whose NFC form is longer, or another sign that some fields exclude.
    "한글".normalize("NFD"),
    "e\u0301",
    "\ufb2c",
    "\u1fef",
    "\u037e",
  );
  const legal = (unit: string) =>
    !/\p{Cc}|\p{Cs}/u.test(unit) &&
    !(signed && /[&=]/.test(unit)) &&
    !(field.pageText && /[:?"&`]/.test(unit));
  // Text is composed before it is checked, signed and sent.
  return fc
    .array(fc.oneof(awkward, fc.string({ unit: "binary", minLength: 1, maxLength: 1 })), {
      minLength: 1,
      maxLength: 60,
    })
    .map((units): Sample => {
      const given = [...units.join("")].slice(0, field.size ?? 200).join("");
      return { given, read: given.normalize("NFC") };
    })
    .filter(({ read }) => read.trim() !== "" && [...read].length <= (field.size ?? 200) && legal(read));
}

function sample(field: RequestField, signed: boolean): fc.Arbitrary<Sample> {
  const size = field.size ?? 20;
  switch (field.codec) {
    case "text":
      return text(field, signed);
    case "word":
      return same(fc.stringMatching(/^[A-Za-z0-9_-]+$/).map((word) => word.slice(0, size)));
    case "ascii": {
      const unit = fc.constantFrom(..."AZaz09-_.~!*'()[]{}+%/,;$#@^|");
      return same(fc.string({ unit, minLength: 1, maxLength: size }));
    }
    case "amount":
      return amount(1, field.size);
    case "amount-or-zero":
      return amount(0, field.size);
    case "count":
      return amount(1, 6);
    case "card-number":
      return digits(13, 16);
    case "card-prefix":
      return digits(6, 6);
    case "digits":
      return digits(1, size);
    case "two-digits":
      return digits(2, 2);
    case "regist-no":
      return fc.oneof(digits(6, 6), digits(10, 10));
    case "year":
      return padded(0, 99);
    case "month":
      return padded(1, 12);
    case "installments":
      return fc.oneof(padded(0, 0), padded(2, 36));
    case "choice":
      return fc
        .constantFrom(...Object.entries(field.choices ?? {}))
        .map(([given, read]) => ({ given, read }));
    case "korean-date":
      return fc
        .date({ min: new Date("2000-01-01"), max: new Date("2099-12-30"), noInvalidDate: true })
        .map((date) => ({
          given: date,
          read: new Date(date.getTime() + 9 * 3_600_000).toISOString().slice(0, 10).replaceAll("-", ""),
        }));
    case "ipv4":
      return same(fc.ipV4());
    case "merchant-url":
      return same(
        fc.stringMatching(/^[a-z0-9-]{0,20}$/).map((path) => `https://shop.example/${path}?a=%2B&b=1`),
      );
    case "installment-list":
      return fc.array(fc.integer({ min: 1, max: 36 }), { minLength: 1, maxLength: 12 }).map((months) => ({
        given: months,
        read: months.map((month) => String(month).padStart(2, "0")).join(":"),
      }));
    case "page-options":
      return same(fc.constantFrom("useescrow=Y", "twotrs_isp=Y&block_isp=Y&twotrs_isp_noti=N", "a=한글+%"));
  }
}

function samples(operation: Operation): fc.Arbitrary<Record<string, Sample | undefined>> {
  const fields = Object.entries(operation.request).filter(([, field]) => field.filledBy === undefined);
  const any = fc.record(
    Object.fromEntries(
      fields.map(([name, field]) => {
        const value = sample(field, operation.signed.includes(name));
        return [name, field.required ? value : fc.option(value, { nil: undefined })];
      }),
    ),
  );
  return any.map(({ cardQuota, ...rest }) => {
    // Installments are for larger amounts, and not for the business number of a corporate card.
    const isLegal = Number(rest.price?.given) >= 50_000 && String(rest.registNo?.given).length !== 10;
    return cardQuota === undefined || !isLegal ? rest : { ...rest, cardQuota };
  });
}

const now = new Date("2026-11-21T00:30:00Z");
const merchants = indexMerchants([sandboxMerchant]);
const context = { merchants, clocks: [now], timestampToleranceMs: 0, timestampForm: "both" } as const;

describe.each(operationList.map((operation) => [operation.name, operation] as const))(
  "%s",
  (name, operation) => {
    it("is decoded by the gateway unchanged, for any legal input", async () => {
      await fc.assert(
        fc.asyncProperty(samples(operation), async (fields) => {
          let body = Buffer.alloc(0);
          const { mid, signKey, fieldKey, fieldIv } = sandboxMerchant;
          const payapi = createPayApi({
            environment: "sandbox",
            mid,
            signKey,
            fieldKey,
            fieldIv,
            now: () => now,
            transport: async (request) => {
              body = Buffer.from(request.body);
              throw new Error("captured");
            },
            readRetries: 0,
          });
          const given = Object.fromEntries(
            Object.entries(fields).flatMap(([field, value]) => (value ? [[field, value.given]] : [])),
          );
          await expect(callOperation(payapi, name, given)).rejects.toMatchObject({ outcome: "unknown" });
          const { values } = checkRequest(operation, decodeForm(body), context);
          for (const [field, value] of Object.entries(fields)) {
            if (value) expect(values.get(field), field).toBe(value.read);
          }
        }),
        { numRuns: 100 },
      );
    });
  },
);
