import { npmChromium } from "@payapi/dev-services/chromium-npm";
import { chromium } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolderOfOurOwn } from "./temporary-folder.js";

// npm has a Chromium for this system only.
if (process.platform === "linux" && process.arch === "x64") {
  test("the browser from npm starts when two programs unpack it at once", async () => {
    await temporaryFolderOfOurOwn();
    const [first, second] = await Promise.all([npmChromium(), npmChromium()]);
    expect(second).toBe(first);
    const browser = await chromium.launch({ executablePath: first, args: ["--no-sandbox"] });
    onTestFinished(() => browser.close());
    const opened = await browser.newPage();
    await opened.goto("data:text/html,<title>7</title>");
    expect(await opened.title()).toBe("7");
  });
}
