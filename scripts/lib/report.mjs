/**
 * Does one step with its output collected: one line when it succeeds, everything it said when it does not.
 *
 * @param {string} title
 * @param {() => Promise<{ code: number, output: string }>} work
 * @param {{ good: string, bad: string }} [words]
 * @returns {Promise<boolean>}
 */
export async function step(title, work, { good, bad } = { good: "done", bad: "failed" }) {
  const started = Date.now();
  const { code, output } = await work();
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${(code === 0 ? good : bad).padEnd(6)}  ${title} (${seconds} s)`);
  // Indented, so that whoever collects failures knows what belongs to this one.
  if (code !== 0) console.log(output.trimEnd().replace(/^/gm, "    "));
  return code === 0;
}

/**
 * What went wrong, then the closing line that .ci/run reads, and the exit code that goes with it.
 *
 * @param {number} passed
 * @param {number} failed
 * @param {string[]} [remarks]
 */
export function close(passed, failed, remarks = []) {
  for (const remark of remarks) console.log(`failed  ${remark}`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed`);
}
