import type { ExitCode } from "../exit-codes.js";
import type { Text } from "../text.js";

/** The result of one check. */
export interface CheckResult {
  /** The name of the check: stable, for programs. */
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  readonly text: Text;
  /** What to do about it. */
  readonly advice?: Text;
  /** For `fail`: the exit code. */
  readonly exitCode?: ExitCode;
}

export function ok(check: string, text: Text): CheckResult {
  return { check, status: "ok", text };
}

export function warn(check: string, text: Text, advice: Text): CheckResult {
  return { check, status: "warn", text, advice };
}

export function fail(check: string, exitCode: ExitCode, text: Text, advice: Text): CheckResult {
  return { check, status: "fail", text, advice, exitCode };
}

/** Above the first a clock difference causes a warning; above the second the gateway refuses timestamps. */
const warnMs = 60_000;
const failMs = 5 * 60_000;

/** Compares another clock, known to `precisionMs`, with this machine's. */
export function clockResult(
  check: string,
  whose: Text,
  skewMs: number,
  exitCode: ExitCode,
  precisionMs = 100,
): CheckResult {
  const off = Math.abs(skewMs);
  const seconds = (Math.round(off / precisionMs) * precisionMs) / 1_000;
  const way = skewMs > 0 ? { en: "behind", ko: "느립니다" } : { en: "ahead of", ko: "빠릅니다" };
  const text =
    seconds === 0
      ? {
          en: `This machine's clock agrees with ${whose.en}.`,
          ko: `이 컴퓨터의 시계가 ${whose.ko}와 같습니다.`,
        }
      : {
          en: `This machine's clock is ${seconds} s ${way.en} ${whose.en}.`,
          ko: `이 컴퓨터의 시계가 ${whose.ko}보다 ${seconds}초 ${way.ko}.`,
        };
  if (off <= warnMs) return ok(check, text);
  const advice = {
    en: "Set the clock by NTP: requests carry a timestamp, and the gateway may refuse one that is off.",
    ko: "NTP로 시계를 맞추세요. 요청의 timestamp가 어긋나면 결제사가 거절할 수 있습니다.",
  };
  return off <= failMs ? warn(check, text, advice) : fail(check, exitCode, text, advice);
}
