import { readdir, readFile } from "node:fs/promises";
import { operationList, wireName } from "@payapi/core/operations";
import { expect, test } from "vitest";
import { serviceOf } from "../src/gateway/services/index.js";
import { exchange } from "./support/raw-client.js";
import { sandboxFor } from "./support/sandbox.js";

test("the sandbox imports only the operation table from core", async () => {
  const root = new URL("../src/", import.meta.url);
  const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(20);
  const imported = new Set<string>();
  for (const file of files) {
    const text = await readFile(new URL(file, root), "utf8");
    for (const [, name = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      if (!name.startsWith("./") && !name.startsWith("../") && !name.startsWith("node:")) imported.add(name);
    }
  }
  expect([...imported].sort()).toEqual(["@payapi/core/operations", "iconv-lite"]);
});

test.each(operationList)(
  "$name has a behaviour and a route, and requires every required field",
  async (operation) => {
    expect(serviceOf(operation)).toBeTypeOf("function");
    const { url, book } = await sandboxFor();
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const seen = await exchange(url, { path: operation.path, headers, body: "mid=sandbox001" });
    const required = Object.entries(operation.request).filter(
      ([name, field]) => field.required && name !== "mid",
    );
    const wires = required.map(([name, field]) => wireName(name, field));
    const { ResultMsg } = JSON.parse(seen.body) as { ResultMsg: string };
    expect(wires).toContain(/\((\w+)\)$/.exec(ResultMsg)?.[1]);
    expect(book.requests).toMatchObject([
      { operation: operation.name, outcome: "rejected", resultCode: "9007" },
    ]);
  },
);
