import { maskCardNumbers } from "@payapi/core";
import type { ClosedReview, Resolution, ResolutionRefusal } from "@payapi/ledger";
import express, { type RequestHandler } from "express";
import { formatShortKoreanTime } from "../shop/korean.js";
import { type Html, html } from "./html.js";

export interface Problem {
  readonly title: string;
  readonly text: string;
}

/** A resolution by the staff, from the form. */
export interface ResolutionForm {
  readonly about: "approval" | "cancel";
  readonly outcome: string;
  readonly tid: string;
  /** The transaction id, copied a second time. */
  readonly tidAgain: string;
  readonly evidence: string;
  /** The time at which the page with the form was opened; the staff checked the gateway after that. */
  readonly shownAt?: Date | undefined;
}

const problem = (title: string, text: string): Problem => ({ title, text });

export function problemNotice({ title, text }: Problem): Html {
  return html`<div class="notice notice-bad" role="alert" tabindex="-1" autofocus><strong>${title}</strong><p>${text}</p></div>`;
}

export const readForm: RequestHandler = express.urlencoded({ extended: false, limit: "16kb" });

/** One field of a form; empty if it is missing or not a text. */
export function readText(body: unknown, name: string): string {
  const form = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const value = form[name];
  return typeof value === "string" ? value.trim() : "";
}

/** The form as it was filled in; other fields are ignored. */
export function readResolutionForm(body: unknown): ResolutionForm {
  const shownAt = new Date(readText(body, "shownAt"));
  return {
    about: readText(body, "about") === "cancel" ? "cancel" : "approval",
    outcome: readText(body, "outcome"),
    tid: readText(body, "tid"),
    tidAgain: readText(body, "tidAgain"),
    // The page may show it again.
    evidence: maskCardNumbers(readText(body, "evidence")),
    shownAt: Number.isFinite(shownAt.getTime()) ? shownAt : undefined,
  };
}

/** Returns the problem with the evidence; `undefined` if the ledger accepts it. */
export function mendEvidence(evidence: string): Problem | undefined {
  if (evidence !== "" && evidence.length <= 1_000 && !/[\p{Cc}\p{Cs}]/u.test(evidence)) return undefined;
  return problem(
    "무엇을 보고 확인했는지 적어 주세요",
    "나중에 다른 사람이 같은 것을 볼 수 있게, 어느 화면에서 언제 보았는지 한 줄로 적어 주세요.",
  );
}

/** Returns the resolution for the ledger, or the problem to correct first. */
export function toResolution(
  { about, outcome, tid, tidAgain, evidence, shownAt }: ResolutionForm,
  actor: string,
): Resolution | { readonly mend: Problem } {
  if (outcome !== "moved" && outcome !== "not-moved") {
    return { mend: problem("골라 주세요", "확인한 결과를 둘 중에서 골라 주세요.") };
  }
  const mend = mendEvidence(evidence);
  if (mend !== undefined) return { mend };
  const fields = { about, actor, evidence, ...(shownAt && { seenAt: shownAt }) };
  if (outcome === "moved" && tid !== tidAgain) return { mend: differingTids };
  if (outcome === "moved") return { ...fields, outcome, ...(tid === "" ? {} : { tid }) };
  if (tid === "") return { ...fields, outcome };
  return {
    mend: problem(
      "거래번호와 맞지 않습니다",
      "거래번호가 있다면 처리된 거래입니다. 처리되지 않았다면 거래번호를 비워 주세요.",
    ),
  };
}

export const notATid = problem(
  "거래번호를 확인해 주세요",
  "결제사 화면에 보이는 거래번호를 그대로 옮겨 주세요.",
);

/** A mistyped one could be another payment's, which a refund would then give back. */
const differingTids = problem(
  "두 거래번호가 다릅니다",
  "결제사 화면에서 거래번호를 두 번 모두 복사해 붙여 넣어 주세요.",
);

const nothingChanged = "적으신 것은 아무것도 바꾸지 않았습니다. 지금 상태를 확인해 주세요.";
const nothingToSettle = problem(
  "더 확인할 것이 없습니다",
  `그사이 다른 사실로 끝났거나 아직 처리하고 있습니다. ${nothingChanged}`,
);
const settlementProblems: Readonly<Record<Exclude<ResolutionRefusal, "too-early">, Problem>> = {
  "approval-first": problem(
    "결제부터 확인해 주세요",
    "결제와 그것을 되돌리는 취소의 결과를 둘 다 모릅니다. 결제가 되었는지 먼저 적어야 취소의 뜻이 정해집니다.",
  ),
  "tid-missing": problem(
    "거래번호를 적어 주세요",
    "승인된 거래에는 거래번호가 있고, 그것이 없으면 나중에 취소할 수 없습니다.",
  ),
  "tid-known": problem(
    "다른 결제의 거래번호입니다",
    "이미 기록에 있는 거래번호입니다. 잘못 옮겨 적지 않았는지 목록에서 다시 확인해 주세요.",
  ),
  "paid-otherwise": problem(
    "이미 다른 방법으로 결제된 주문입니다",
    "입금된 돈은 이 주문의 결제가 될 수 없습니다. 결제사 알림을 확인하고 돌려주세요.",
  ),
  "not-unknown": nothingToSettle,
  "nothing-to-correct": nothingToSettle,
  "which-attempt": nothingToSettle,
  "no-such-order": nothingToSettle,
};

export function settlementProblem(
  reason: ResolutionRefusal,
  notBefore: Date | undefined,
  now: Date,
): Problem {
  if (reason !== "too-early") return settlementProblems[reason];
  if (notBefore !== undefined && notBefore <= now) {
    return problem(
      "다시 보고 끝내 주세요",
      `이 화면은 ${formatShortKoreanTime(notBefore)} 전에 열렸고, 결제사는 그 뒤에 처리했을 수도 있습니다. 결제사 관리자 화면을 다시 열어 지금도 없는지 확인한 뒤 끝내 주세요.`,
    );
  }
  return problem(
    "아직 끝낼 수 없습니다",
    `결제사가 늦게라도 처리할 수 있는 시간입니다. ${notBefore === undefined ? "10분쯤 뒤" : formatShortKoreanTime(notBefore)}까지 목록에 나타나지 않으면 그때 “되지 않았습니다”로 끝내 주세요. 데모에서도 이 시간은 줄이지 않습니다. 처리된 거래를 찾았다면 지금 끝낼 수 있습니다.`,
  );
}

type CloseRefusal = Extract<ClosedReview, { status: "refused" }>["reason"];

const nothingToClose = problem(
  "더 처리할 것이 없습니다",
  `이미 끝난 주문이거나 확인이 필요하지 않은 주문입니다. ${nothingChanged}`,
);

export const closeProblems: Readonly<Record<CloseRefusal, Problem>> = {
  changed: problem(
    "그사이 새로운 일이 있었습니다",
    "화면을 여신 뒤 이 주문에 일어난 일이 더 있어 끝내지 않았습니다. ‘처리 내역’을 끝까지 다시 읽고, 그것까지 처리했다면 다시 끝내 주세요. 적으신 것은 그대로 두었습니다.",
  ),
  "outcome-unknown": problem(
    "먼저 결과를 확인해 주세요",
    "이 주문에는 결과를 모르는 결제나 취소가 있습니다. 그것부터 확인해 적은 뒤 끝낼 수 있습니다.",
  ),
  "needs-no-review": nothingToClose,
  "no-such-order": nothingToClose,
};
