import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { IdempotencyStore, StoredAnswer } from "@payapi/core";
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
export function idempotencyCases(open: OpenContract<IdempotencyStore>): readonly ContractCase[] {
  return defineCases("idempotency keys", open, (stores) => stores, {
    "are new once, then in progress": async ({ store, another }) => {
      const request = newRequest();
      assertMatches(await store.beginRequest(request), { status: "new" });
      assertMatches(await another.beginRequest(request), { status: "in-progress" });
    },

    "are new for one of 32 concurrent callers in two processes": async (stores) => {
      const request = newRequest();
      const begun = await atOnce(32, stores, (store) => store.beginRequest(request));
      assert.equal(begun.filter(({ status }) => status === "new").length, 1);
      assert.equal(begun.filter(({ status }) => status === "in-progress").length, 31);
    },

    "return the answer as it was stored": async ({ store, another }) => {
      const request = newRequest();
      await store.beginRequest(request);
      await store.endRequest(request, answer);
      const begun = await another.beginRequest(request);
      assert.equal(begun.status, "done");
      assert.deepEqual({ ...begun.answer, headers: { ...begun.answer.headers } }, answer);
    },

    "are different with another body under the same key": async ({ store }) => {
      const request = newRequest();
      const other = { ...request, fingerprint: "something else" };
      await store.beginRequest(request);
      assertMatches(await store.beginRequest(other), { status: "different" });
      await store.endRequest(request, answer);
      assertMatches(await store.beginRequest(other), { status: "different" });
    },

    "are separate in each scope": async ({ store }) => {
      const request = newRequest();
      await store.beginRequest(request);
      assertMatches(await store.beginRequest({ ...request, scope: "POST /orders/8" }), { status: "new" });
      assertMatches(await store.beginRequest(newRequest()), { status: "new" });
    },

    "are forgotten when they end without an answer": async ({ store, another }) => {
      const request = newRequest();
      await store.beginRequest(request);
      await another.endRequest(request, undefined);
      assertMatches(await store.beginRequest({ ...request, fingerprint: "again" }), { status: "new" });
    },

    "keep their first answer": async ({ store }) => {
      const request = newRequest();
      await store.beginRequest(request);
      await store.endRequest(request, answer);
      await store.endRequest(request, { ...answer, status: 500 });
      assertMatches(await store.beginRequest(request), { status: "done", answer: { status: 201 } });
      await store.endRequest(request, undefined);
      assertMatches(await store.beginRequest(request), { status: "done", answer: { status: 201 } });
    },

    "are new again when their lease ends without an answer": async ({ store }) => {
      const request = newRequest();
      await store.beginRequest({ ...request, leaseMs: 1 });
      await eventually(
        () => store.beginRequest(request),
        ({ status }) => status === "new",
      );
      assertMatches(await store.beginRequest(request), { status: "in-progress" });
    },

    "are kept beyond their lease once they are answered": async ({ store }) => {
      const [request, later] = [newRequest(), newRequest()];
      await store.beginRequest({ ...request, leaseMs: 200 });
      await store.endRequest(request, answer);
      await store.beginRequest({ ...later, leaseMs: 200 });
      // By the time the later lease is over, the earlier one is too.
      await eventually(
        () => store.beginRequest(later),
        ({ status }) => status === "new",
      );
      assertMatches(await store.beginRequest(request), { status: "done" });
    },
  });
}
