import { nextSuite } from "./support/next-suite.js";
import { olderVersion } from "./support/project.js";

// Next.js 15 cannot load TypeScript 7.
nextSuite({ next: olderVersion("next15"), typescript: "5.9.3" });
