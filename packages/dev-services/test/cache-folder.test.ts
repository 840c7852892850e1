import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cachedFolder, plainTemporaryFolder } from "@payapi/dev-services/cache-folder";
import { expect, test, vi } from "vitest";
import { temporaryFolderOfOurOwn } from "./temporary-folder.js";

test("fills once, and gives the same folder to everybody who starts at the same time", async () => {
  await temporaryFolderOfOurOwn();
  let fills = 0;
  const fill = async (folder: string) => {
    fills += 1;
    await writeFile(join(folder, "tool"), "whole");
  };
  const together = await Promise.all([1, 2, 3, 4].map(() => cachedFolder("tool-1", fill)));
  expect(new Set(together).size).toBe(1);
  const fillsTogether = fills;
  const [folder] = together as [string];
  expect(await cachedFolder("tool-1", fill)).toBe(folder);
  expect(fills).toBe(fillsTogether);
  expect(await readFile(join(folder, "tool"), "utf8")).toBe("whole");
  expect(await readdir(dirname(folder))).toEqual(["tool-1"]);
});

test("a fill that fails leaves nothing that a later start would take for whole", async () => {
  await temporaryFolderOfOurOwn();
  const failing = cachedFolder("tool-1", async (folder) => {
    await writeFile(join(folder, "tool"), "half");
    throw new Error("disk full");
  });
  await expect(failing).rejects.toThrow("disk full");
  const folder = await cachedFolder("tool-1", (path) => writeFile(join(path, "tool"), "whole"));
  expect(await readFile(join(folder, "tool"), "utf8")).toBe("whole");
});

test("a folder hollowed out by a cleaner of temporary files is not used again", async () => {
  await temporaryFolderOfOurOwn();
  const fill = (folder: string) => writeFile(join(folder, "tool"), "whole");
  const first = await cachedFolder("tool-1", fill);
  await rm(join(first, "tool"));
  const second = await cachedFolder("tool-1", fill);
  expect(second).not.toBe(first);
  expect(await readFile(join(second, "tool"), "utf8")).toBe("whole");
  expect(await cachedFolder("tool-1", fill)).toBe(second);
});

test("a folder that others may write to is not trusted", async () => {
  const temporary = await temporaryFolderOfOurOwn();
  const home = join(temporary, `payapi-dev-services-${process.getuid?.()}`);
  await mkdir(home);
  await chmod(home, 0o777);
  await expect(cachedFolder("tool-1", async () => {})).rejects.toThrow("only this user can write to");
});

test.each(["with a space", "한글"])("a temporary folder %s is passed over", async (name) => {
  const temporary = await temporaryFolderOfOurOwn();
  await mkdir(join(temporary, name));
  vi.stubEnv("TMPDIR", join(temporary, name));
  expect(await plainTemporaryFolder()).toMatch(/^[\x21-\x7e]+$/);
});
