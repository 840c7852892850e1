import type { launchChromium } from "@payapi/dev-services/chromium";

type Browser = Awaited<ReturnType<typeof launchChromium>>;

/** What README.md's reader does: opens the page, pays on the gateway's page and comes back. Returns what the page says then. */
export async function buyInChromium(
  browser: Browser,
  publicUrl: string,
  button = "approve",
): Promise<string> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${publicUrl}/pay.html`);
    await page.getByRole("button").click();
    await page.locator('input[name="buyer"]').fill("홍길동");
    await page.locator(`button[name="action"][value="${button}"]`).click();
    await page.waitForURL(`${publicUrl}/pay.html?**`);
    const said = page.locator("p");
    await said.filter({ hasText: /./ }).waitFor();
    return (await said.textContent()) ?? "";
  } finally {
    await context.close();
  }
}
