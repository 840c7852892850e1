/**
 * Unpacks the Chromium from npm into TMPDIR. A process of its own, because the package knows no other way to be told
 * where: as it is, two starts at once would run each other's half-written files.
 */
import chromium from "@sparticuz/chromium";

await chromium.executablePath();
