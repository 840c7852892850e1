import { expect, it } from "vitest";
import { createTicket, isTicket } from "../src/handler/return-ticket.js";
import { createPayApi } from "../src/index.js";
import { merchant } from "./support/merchant.js";

const now = Date.now();
const options = { ...merchant, environment: "sandbox" } as const;

it("a ticket stays valid after the secret of digests was renewed, and only then", () => {
  const ticket = createTicket("42", createPayApi(options), now);
  const current = "another secret, ".repeat(2);
  const renewed = createPayApi({
    ...options,
    fingerprintSecrets: { current, previous: [merchant.fieldKey] },
  });
  expect(isTicket(ticket, "42", renewed, now)).toBe(true);
  expect(isTicket(ticket, "43", renewed, now)).toBe(false);
  expect(isTicket(ticket, "42", createPayApi({ ...options, fingerprintSecrets: { current } }), now)).toBe(
    false,
  );
});
