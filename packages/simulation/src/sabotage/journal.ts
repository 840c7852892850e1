import type { Sabotage } from "./sabotage.js";

/** Mistakes in the journal. */
export const journalMistakes = {
  "no-journal": {
    what: "keeps no journal",
    foundBy: 1,
    journal: (journal) => ({ ...journal, keep: async () => "nowhere" }),
  },
  "journal-of-the-process": {
    what: "keeps journal entries in files that are lost when the process crashes",
    foundBy: 7,
    journal: (journal, process, disk) => ({
      ...journal,
      keep: async (call, facts) => {
        const name = await journal.keep(call, facts);
        process.whenDead(() => disk.texts.delete(name));
        return name;
      },
    }),
  },
  "forget-before-replay": {
    what: "removes a journal entry before it is replayed",
    foundBy: 115,
    journal: (journal) => ({
      ...journal,
      files: async () => {
        const files = await journal.files();
        for (const { name } of files) await journal.remove(name);
        return files;
      },
    }),
  },
  "keep-when-given-up": {
    what: "writes the journal only after the last try to reach the database",
    foundBy: 48,
    journal: (journal, process) => ({
      ...journal,
      keep: async (call, facts) => {
        await process.wait(30_000);
        return journal.keep(call, facts);
      },
    }),
  },
  "never-end-entries": {
    what: "never removes replayed journal entries",
    foundBy: 1,
    journal: (journal) => ({ ...journal, remove: async () => {} }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;
