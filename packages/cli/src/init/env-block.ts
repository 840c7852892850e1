/**
 * What to put at the end of an example of variables that is there already: nothing if our block is in it, and never a
 * variable that it has, since the later line of two would count.
 */
export function envAddition(existing: string, block: string): string {
  const [marker = "", ...lines] = block.trimEnd().split("\n");
  if (existing.includes(marker)) return "";
  const has = (name: string) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`, "m").test(existing);
  const kept: string[] = [];
  let comments: string[] = [];
  for (const line of lines) {
    const name = /^(\w+)=/.exec(line)?.[1];
    if (name === undefined) comments.push(line);
    else {
      if (!has(name)) kept.push(...comments, line);
      comments = [];
    }
  }
  if (kept.length === 0) return "";
  const gap = existing === "" ? "" : existing.endsWith("\n") ? "\n" : "\n\n";
  return `${gap}${[marker, ...kept].join("\n")}\n`;
}
