import { type Journal, type JournalFile, readEntry, writeEntry } from "@payapi/ledger/internal";
import type { Process } from "./process.js";

/** How often a disk is full. */
const fullRate = 0.03;

/** The disk of one machine, which outlives its processes. */
export class Disk {
  readonly texts = new Map<string, string>();
  /** The calls whose success was made durable on it. */
  readonly kept = new Set<string>();
  /** The calls whose success it did not accept. */
  readonly refused = new Set<string>();
  #count = 0;

  constructor(readonly name: string) {}

  newName(): string {
    this.#count += 1;
    return `${this.name}-${String(this.#count).padStart(4, "0")}.json`;
  }
}

/** The journal of one process: it has the entries of a real one, and a process may crash at each step. */
export function journalOn(disk: Disk, process: Process, mid: string): Journal {
  const { world } = process;
  const owner = { mid, schema: "payapi" };
  return {
    async keep(call, facts) {
      await process.step("journal");
      if (world.faulty && world.random.chance(fullRate)) {
        world.note(`${disk.name} is full`);
        disk.refused.add(call.id);
        throw new Error("ENOSPC");
      }
      const name = disk.newName();
      disk.texts.set(name, writeEntry({ ...owner, at: world.date(), call, facts }));
      disk.kept.add(call.id);
      world.note(`${disk.name} keeps ${call.kind} of ${call.orderId}`);
      await process.step("journal kept");
      return name;
    },
    async files() {
      await process.step("journal files");
      return [...disk.texts].map(([name, text]): JournalFile => {
        const entry = readEntry(text);
        return entry === undefined ? { name } : { name, entry };
      });
    },
    async remove(name) {
      await process.step("journal ends");
      if (disk.texts.delete(name)) world.note(`${disk.name} forgets ${name}`);
    },
  };
}
