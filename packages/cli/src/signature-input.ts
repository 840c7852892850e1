import type { Call } from "./command.js";
import { usage } from "./failure.js";

// Command lines are seen by everybody on the machine, and kept in histories.
const onlyOnStdin: readonly string[] = [
  "signature",
  "mkey",
  "signKey",
  "fieldKey",
  "fieldIv",
  "registNo",
  "passwd",
  "billkey",
];

const stdinLimit = 64 * 1024;

/** The fields of a request and its signature, from arguments and standard input. */
export async function readPairs(
  call: Pick<Call, "values" | "stdin" | "ask">,
): Promise<{ fields: Map<string, string>; signature: string }> {
  const fields = new Map<string, string>();
  for (const argument of call.values) {
    const [name, value] = splitPair(argument);
    if (onlyOnStdin.includes(name) || (name === "cardNumber" && value.length > 6)) {
      throw usage(
        `${name} is a secret: give it on standard input, and delete it from your shell's history.`,
        `${name}은(는) 비밀 값입니다. 표준 입력으로 입력하고 셸 기록에서 지우세요.`,
      );
    }
    add(fields, name, value);
  }
  const given = await stdinText(call);
  for (const line of given.split(/\r?\n/).filter((each) => each.trim() !== "")) {
    if (/^\s*[0-9a-fA-F]{64}\s*$/.test(line)) add(fields, "signature", line.trim());
    else add(fields, ...splitPair(line));
  }
  const signature = fields.get("signature");
  if (signature === undefined) {
    throw usage("The signature is missing on standard input.", "표준 입력에 signature가 없습니다.");
  }
  fields.delete("signature");
  for (const name of onlyOnStdin) {
    if (fields.has(name) && name !== "billkey") {
      throw usage(
        `${name} is never signed; keys are read from the environment.`,
        `${name}은(는) 서명 필드가 아닙니다. 키는 환경 변수로 읽습니다.`,
      );
    }
  }
  return { fields, signature };
}

async function stdinText(call: Pick<Call, "stdin" | "ask">): Promise<string> {
  if (call.stdin.isTTY === true) return call.ask({ en: "signature: ", ko: "서명: " });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of call.stdin) {
    const bytes = Buffer.from(chunk as Buffer | string);
    size += bytes.byteLength;
    if (size > stdinLimit)
      throw usage("Standard input is longer than 64 KiB.", "표준 입력이 64 KiB를 넘습니다.");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function splitPair(text: string): [name: string, value: string] {
  const middle = text.indexOf("=");
  if (middle < 1) throw usage("Fields are given as name=value.", "필드는 name=value 형식으로 입력하세요.");
  return [text.slice(0, middle), text.slice(middle + 1)];
}

function add(fields: Map<string, string>, name: string, value: string): void {
  if (fields.has(name)) throw usage("A field is given twice.", "같은 필드를 두 번 입력했습니다.");
  fields.set(name, value);
}
