/**
 * Runs one step and collects its output: prints one line if it succeeds, and the whole output if it fails.
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
  // Indented, so that a reader of the log can assign the output to this failure.
  if (code !== 0) console.log(output.trimEnd().replace(/^/gm, "    "));
  return code === 0;
}

/**
 * Prints the failures and the closing line that .ci/run reads, and sets the exit code.
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
