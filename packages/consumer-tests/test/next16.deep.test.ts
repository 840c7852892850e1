import { nextSuite } from "./support/next-suite.js";
import { catalogVersion } from "./support/project.js";

nextSuite({ next: catalogVersion("next"), typescript: catalogVersion("typescript") });
