import type { Sabotage } from "./sabotage.js";

/** Mistakes in what is kept on the disk while the database is away. */
export const journalMistakes = {
  "no-journal": {
    what: "what the database could not be told is kept nowhere",
    foundBy: 4,
    journal: (journal) => ({ ...journal, keep: async () => "nowhere" }),
  },
  "journal-of-the-process": {
    what: "an entry is kept in a file that is not synced, and gone when its process dies",
    foundBy: 43,
    journal: (journal, process, disk) => ({
      ...journal,
      keep: async (call, facts) => {
        const name = await journal.keep(call, facts);
        process.whenDead(() => disk.texts.delete(name));
        return name;
      },
    }),
  },
  "forget-before-told": {
    what: "an entry is ended before the database is told of it",
    foundBy: 2,
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
    what: "the journal is told only once nobody tries the database any more",
    foundBy: 15,
    journal: (journal, process) => ({
      ...journal,
      keep: async (call, facts) => {
        await process.wait(30_000);
        return journal.keep(call, facts);
      },
    }),
  },
  "never-end-entries": {
    what: "what was told is never ended",
    foundBy: 1,
    journal: (journal) => ({ ...journal, remove: async () => {} }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;
