import { readFileSync } from "node:fs";
import type { ConsoleTransaction } from "@payapi/ledger";
import { usage } from "./failure.js";
import type { Option } from "./options.js";

type Column = keyof ConsoleTransaction;

/** Headings of a CSV file, in English or as Korean consoles write them. */
const headings: Readonly<Record<string, Column>> = {
  status: "status",
  상태: "status",
  oid: "oid",
  주문번호: "oid",
  tid: "tid",
  거래번호: "tid",
  price: "price",
  금액: "price",
  payType: "payType",
  결제수단: "payType",
  orderId: "orderId",
  "상점 주문번호": "orderId",
};

const words: Readonly<Record<string, string>> = {
  승인: "approved",
  취소: "cancelled",
  신용카드: "card",
  카드: "card",
  가상계좌: "vbank",
  계좌이체: "bank",
  휴대폰: "hpp",
};

/** Reads the transactions of the gateway's console from a file: CSV with headings, or a JSON array of objects with the same names. */
export function consoleFile(
  help: Option<unknown>["help"],
): Option<readonly ConsoleTransaction[] | undefined> {
  return {
    value: "FILE",
    help,
    read(path, name) {
      try {
        // Spreadsheets begin a CSV file with a byte order mark.
        const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
        return (text.trimStart().startsWith("[") ? JSON.parse(text) : recordsOf(text)).map(transactionOf);
      } catch {
        throw usage(
          `--${name} must be a readable CSV file with the columns status, oid, tid, price, payType (and orderId), or a JSON array of such objects.`,
          `--${name}에는 상태, 주문번호, 거래번호, 금액, 결제수단(필요하면 상점 주문번호) 열이 있는 CSV 파일이나 같은 이름의 JSON 배열을 지정하세요.`,
        );
      }
    },
  };
}

function recordsOf(csv: string): Record<string, string>[] {
  const [first = [], ...rows] = rowsOf(csv);
  const columns = first.map((heading) => headings[heading.trim()]);
  const needed: readonly Column[] = ["status", "oid", "tid", "price", "payType"];
  if (!needed.every((column) => columns.includes(column))) throw new Error("A column is missing");
  return rows.map((row) =>
    Object.fromEntries(
      columns.flatMap((column, index) => (column === undefined ? [] : [[column, (row[index] ?? "").trim()]])),
    ),
  );
}

/** Cells may be quoted, and then contain commas, line breaks and doubled quotes. Empty lines are skipped. */
function rowsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, separator = "", quoted, plain = ""] of csv.matchAll(
    /(^|,|\r?\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g,
  )) {
    if (separator.endsWith("\n")) rows.push([]);
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
  }
  return rows.filter((row) => row.some((cell) => cell.trim() !== ""));
}

function transactionOf(given: Readonly<Record<string, unknown>>): ConsoleTransaction {
  const { status, oid, tid, price, payType, orderId } = given;
  const text = (value: unknown) => words[String(value)] ?? String(value);
  return {
    status: text(status) as ConsoleTransaction["status"],
    oid: String(oid),
    tid: String(tid),
    // As the console writes it: 15,000
    price: Number(String(price).replaceAll(",", "")),
    payType: text(payType),
    ...(orderId === undefined || orderId === "" ? {} : { orderId: String(orderId) }),
  };
}
