import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { RequestMemory, StoredAnswer } from "../record/index.js";
import { assertMatches, atOnce, eventually } from "./assertions.js";
import { type ContractCase, defineCases, type OpenContract } from "./contract-case.js";

const newRequest = () => ({
  scope: "POST /orders/7",
  key: randomUUID(),
  fingerprint: "what was asked",
  leaseMs: 3_600_000,
});

const answer: StoredAnswer = {
  status: 201,
  headers: { "content-type": "application/json", location: "/orders/7" },
  body: '{"말":"\\u0000 안녕 😀"}\n',
};

/** Remembering the answers to requests that may come twice. */
export function requestCases(open: OpenContract<RequestMemory>): readonly ContractCase[] {
  return defineCases("requests", open, (records) => records, {
    "are new once, and then in progress": async ({ record, another }) => {
      const request = newRequest();
      assertMatches(await record.beginRequest(request), { status: "new" });
      assertMatches(await another.beginRequest(request), { status: "in-progress" });
    },

    "are new for one of 32 at once in two processes": async (records) => {
      const request = newRequest();
      const begun = await atOnce(32, records, (record) => record.beginRequest(request));
      assert.equal(begun.filter(({ status }) => status === "new").length, 1);
      assert.equal(begun.filter(({ status }) => status === "in-progress").length, 31);
    },

    "get the answer as it was given": async ({ record, another }) => {
      const request = newRequest();
      await record.beginRequest(request);
      await record.endRequest(request, answer);
      const begun = await another.beginRequest(request);
      assert.equal(begun.status, "done");
      assert.deepEqual({ ...begun.answer, headers: { ...begun.answer.headers } }, answer);
    },

    "differ when another thing is asked under the same key": async ({ record }) => {
      const request = newRequest();
      const other = { ...request, fingerprint: "something else" };
      await record.beginRequest(request);
      assertMatches(await record.beginRequest(other), { status: "different" });
      await record.endRequest(request, answer);
      assertMatches(await record.beginRequest(other), { status: "different" });
    },

    "have keys that mean nothing outside their scope": async ({ record }) => {
      const request = newRequest();
      await record.beginRequest(request);
      assertMatches(await record.beginRequest({ ...request, scope: "POST /orders/8" }), { status: "new" });
      assertMatches(await record.beginRequest(newRequest()), { status: "new" });
    },

    "are forgotten when they end without an answer": async ({ record, another }) => {
      const request = newRequest();
      await record.beginRequest(request);
      await another.endRequest(request, undefined);
      assertMatches(await record.beginRequest({ ...request, fingerprint: "again" }), { status: "new" });
    },

    "keep their first answer": async ({ record }) => {
      const request = newRequest();
      await record.beginRequest(request);
      await record.endRequest(request, answer);
      await record.endRequest(request, { ...answer, status: 500 });
      assertMatches(await record.beginRequest(request), { status: "done", answer: { status: 201 } });
      await record.endRequest(request, undefined);
      assertMatches(await record.beginRequest(request), { status: "done", answer: { status: 201 } });
    },

    "are free again when their lease ends without an answer": async ({ record }) => {
      const request = newRequest();
      await record.beginRequest({ ...request, leaseMs: 1 });
      await eventually(
        () => record.beginRequest(request),
        ({ status }) => status === "new",
      );
      assertMatches(await record.beginRequest(request), { status: "in-progress" });
    },

    "are remembered longer than their lease once they are answered": async ({ record }) => {
      const [request, later] = [newRequest(), newRequest()];
      await record.beginRequest({ ...request, leaseMs: 200 });
      await record.endRequest(request, answer);
      await record.beginRequest({ ...later, leaseMs: 200 });
      // By the time the later lease is over, the earlier one is too.
      await eventually(
        () => record.beginRequest(later),
        ({ status }) => status === "new",
      );
      assertMatches(await record.beginRequest(request), { status: "done" });
    },
  });
}
