import { type Operation, operationList, successCodes, wireName } from "@payapi/core/operations";
import { describe, expect, it } from "vitest";
import { allSuccessCodes, type ServiceFacts, services } from "../../src/facts/index.js";

describe("the guide's facts", () => {
  it("list the 15 services", () => {
    expect(services.size).toBe(15);
  });

  it("list every operation of core's table once", () => {
    const names = operationList.map(({ name }) => name);
    expect(names.filter((name) => !services.has(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(4);
  });

  it("list the same success codes as core's table", () => {
    expect(
      [...services.values()].filter(({ successCode }) => !allSuccessCodes.includes(successCode)),
    ).toEqual([]);
    expect([...successCodes].toSorted()).toEqual(allSuccessCodes);
  });
});

describe.each(operationList.map((operation) => ({ name: operation.name, operation })))(
  "$name in core's table",
  ({ name, operation }) => {
    const facts = factsOf(name);

    it("has the guide's section, path and success code", () => {
      const { section, path, success } = operation;
      expect({ section, path, successCode: success.code }).toEqual({
        section: facts.section,
        path: facts.path,
        successCode: facts.successCode,
      });
    });

    it("has the guide's request fields, in order", () => {
      expect(requestFields(operation)).toEqual(
        facts.request.map(({ name, ko, size, required, encrypted }) => ({
          name,
          ko,
          size,
          required,
          encrypted,
        })),
      );
    });

    it("signs the same fields in the same order", () => {
      expect(signedNames(operation)).toEqual(facts.signed);
    });

    it("reads exactly the guide's reply fields", () => {
      expect(byName(replyFields(operation))).toEqual(
        byName(
          facts.reply
            .filter((field) => field.name !== "ResultCode" && field.name !== "ResultMsg")
            .map(({ name, ko, size }) => ({ name, ko, size })),
        ),
      );
    });

    it("prints no field that the guide encrypts", () => {
      const encrypted = facts.request.filter((field) => field.encrypted).map((field) => field.name);
      const printed = Object.entries(operation.request)
        .filter(([, field]) => field.secret !== true)
        .map(([publicName, field]) => wireName(publicName, field));
      expect(encrypted.filter((wire) => printed.includes(wire))).toEqual([]);
    });
  },
);

function factsOf(name: string): ServiceFacts {
  const facts = services.get(name);
  if (facts === undefined) throw new Error(`${name} is in core's table, but src/facts has no facts about it`);
  return facts;
}

function requestFields(operation: Operation): object[] {
  return Object.entries(operation.request).map(([publicName, field]) => ({
    name: wireName(publicName, field),
    ko: field.ko,
    size: field.size,
    required: field.required,
    encrypted: field.encrypted === true,
  }));
}

function signedNames(operation: Operation): string[] {
  return operation.signed.map((name) => {
    const field = operation.request[name];
    return field === undefined ? name : wireName(name, field);
  });
}

function replyFields(operation: Operation): { name: string; ko: string; size: number | null }[] {
  return Object.values(operation.reply).flatMap((field) =>
    field.codec === "korean-time"
      ? ([0, 1] as const).map((at) => ({ name: field.wire[at], ko: field.ko[at], size: field.size[at] }))
      : [{ name: field.wire, ko: field.ko, size: field.size }],
  );
}

function byName<T extends { name: string }>(fields: T[]): T[] {
  return fields.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
