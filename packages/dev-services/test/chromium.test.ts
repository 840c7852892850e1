import { findChromium, launchChromium } from "@payapi/dev-services/chromium";
import { expect, onTestFinished, test, vi } from "vitest";

const page = (number: number) =>
  `data:text/html;charset=utf-8,${encodeURIComponent(`<title>${number}</title><p>결제</p>`)}`;

test("several contexts with several pages each stay alive side by side", async () => {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const contexts = await Promise.all([1, 2, 3].map(() => browser.newContext()));
  const pages = (
    await Promise.all(contexts.map((context) => Promise.all([context.newPage(), context.newPage()])))
  ).flat();
  await Promise.all(pages.map((each, number) => each.goto(page(number))));
  expect(await Promise.all(pages.map((each) => each.title()))).toEqual(["0", "1", "2", "3", "4", "5"]);
  await pages[0]?.close();
  await contexts[1]?.close();
  expect(await pages[5]?.title()).toBe("5");
  expect((await pages[5]?.screenshot())?.length).toBeGreaterThan(1_000);
});

test("CHROME_PATH comes first, and a wrong one is a clear error", async () => {
  vi.stubEnv("CHROME_PATH", process.execPath);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await findChromium()).toMatchObject({ executablePath: process.execPath });
  vi.stubEnv("CHROME_PATH", "/nowhere/chrome");
  await expect(findChromium()).rejects.toThrow("CHROME_PATH is not an executable file: /nowhere/chrome");
});
