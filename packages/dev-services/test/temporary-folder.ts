import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";

/** Points TMPDIR at a fresh folder for the running test, so that it sees nothing of what others do meanwhile. */
export async function temporaryFolderOfOurOwn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "payapi-test-"));
  await chmod(folder, 0o755);
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}
