import { maskCardNumbers } from "@payapi/core";
import type { OperatorFinding } from "@payapi/ledger";
import type { Finding, Problem } from "./settle-form.js";

/** The form as it was filled in; whatever else was sent is nothing. */
export function readFinding(body: unknown): Finding {
  const text = (name: string) => readText(body, name);
  return {
    about: text("about") === "cancel" ? "cancel" : "approval",
    outcome: text("outcome"),
    tid: text("tid"),
    // It may stand on the page again.
    evidence: maskCardNumbers(text("evidence")),
    shownAt: readMoment(text("shownAt")),
  };
}

function readMoment(text: string): Date | undefined {
  const moment = new Date(text);
  return Number.isFinite(moment.getTime()) ? moment : undefined;
}

/** One field of a form; empty if it is missing or no text. */
export function readText(body: unknown, name: string): string {
  const form = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const value = form[name];
  return typeof value === "string" ? value.trim() : "";
}

/** What must be mended about the evidence; nothing if the ledger will keep it. */
export function mendEvidence(evidence: string): Problem | undefined {
  if (evidence !== "" && evidence.length <= 1_000 && !/[\p{Cc}\p{Cs}]/u.test(evidence)) return undefined;
  return {
    title: "무엇을 보고 확인했는지 적어 주세요",
    text: "나중에 다른 사람이 같은 것을 볼 수 있게, 어느 화면에서 언제 보았는지 한 줄로 적어 주세요.",
  };
}

/** What the ledger is told, or what must be mended first. */
export function toOperatorFinding(
  finding: Finding,
  actor: string,
): OperatorFinding | { readonly mend: Problem } {
  const { about, outcome, tid, evidence, shownAt } = finding;
  const seen = shownAt === undefined ? {} : { seenAt: shownAt };
  if (outcome !== "moved" && outcome !== "not-moved") {
    return { mend: { title: "골라 주세요", text: "돈이 움직였는지 움직이지 않았는지 골라 주세요." } };
  }
  const mend = mendEvidence(evidence);
  if (mend !== undefined) return { mend };
  if (outcome === "not-moved") {
    return tid === ""
      ? { about, outcome, actor, evidence, ...seen }
      : {
          mend: {
            title: "거래번호와 맞지 않습니다",
            text: "거래번호가 있다면 돈이 움직인 것입니다. 움직이지 않았다면 거래번호를 지워 주세요.",
          },
        };
  }
  return { about, outcome, actor, evidence, ...seen, ...(tid === "" ? {} : { tid }) };
}
