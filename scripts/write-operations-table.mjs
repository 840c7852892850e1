// Writes docs/gateway/operations.md from core's operation table; with --check, only says whether it is current.
import { operationList, successCodes, wireName } from "../packages/core/dist/operations/index.js";
import { code, table, writeOrCheck } from "./lib/generated-doc.mjs";

const effects = {
  "moves-money": "moves money; never repeated on its own",
  "changes-state": "changes state; never repeated on its own",
  reads: "only reads; repeated when it was not sent or answered with 5xx",
};

writeOrCheck("docs/gateway/operations.md", [
  "# The gateway's services",
  "",
  "Generated from `packages/core/src/operations` by `npm run docs`; don't edit it by hand. Public names are what callers of",
  "`@payapi/core` use, wire names what the gateway reads. Sizes are characters of the plain text; a dash means that the guide gives none.",
  "",
  `Each service has one success code. ${list([...successCodes].map(code))} mean success somewhere in the gateway's products; from a service whose`,
  "success code is another they prove neither success nor failure, and the outcome is `unknown`. Every other code is a refusal.",
  "",
  table(
    ["guide", "method", "service", "path", "effect"],
    operationList.map(({ section, name, ko, path, effect }) => [section, link(name), ko, code(path), effect]),
  ),
  ...operationList.flatMap(describe),
]);

function describe(operation) {
  const { section, name, ko, path, effect, request, reply, signed, success } = operation;
  return [
    "",
    `## ${name}`,
    "",
    `${ko} (guide ${section}), \`POST ${path}\`: ${effects[effect]}. Success is ResultCode \`${success.code}\`. Signed, in this order: ${signed
      .map((field) => code(request[field] ? wireName(field, request[field]) : field))
      .join(", ")}.`,
    "",
    table(
      ["name", "on the wire", "in the guide", "size", "required", "how it is checked"],
      Object.entries(request).map(([publicName, field]) => [
        field.filledBy ? `(${field.filledBy})` : code(publicName),
        code(wireName(publicName, field)),
        field.ko,
        field.size ?? "–",
        field.required ? "yes" : "no",
        checks(field),
      ]),
    ),
    "",
    Object.keys(reply).length === 0
      ? "The reply has nothing but ResultCode and ResultMsg."
      : table(
          ["in the result", "on the wire", "in the guide", "read as"],
          Object.entries(reply).map(([publicName, field]) => [
            code(publicName) + (success.needs.includes(publicName) ? " (needed)" : ""),
            [field.wire].flat().map(code).join(" + "),
            [field.ko].flat().join(" + "),
            reading(field),
          ]),
        ),
  ];
}

function checks(field) {
  const parts = [field.codec];
  if (field.choices)
    parts[0] = Object.entries(field.choices)
      .map(([name, wire]) => `${code(name)} → ${code(wire)}`)
      .join(", ");
  if (field.encrypted) parts.push("encrypted");
  if (field.pageText) parts.push('none of `: ? " & `` ` ``');
  if (field.default !== undefined)
    parts.push(field.default === "" ? "sent empty when left out" : `${code(field.default)} when left out`);
  return parts.join("; ");
}

function reading(field) {
  if (!field.choices) return field.secret ? `${field.codec}, secret` : field.codec;
  return `${Object.entries(field.choices)
    .map(([wire, name]) => `${code(wire)} → ${code(name)}`)
    .join(", ")}; others as they come`;
}

function list(words) {
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function link(name) {
  return `[${name}](#${name.toLowerCase().replaceAll(".", "")})`;
}
