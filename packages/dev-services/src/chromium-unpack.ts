/**
 * Unpacks the Chromium from npm into TMPDIR. It runs as a separate process, since the package reads the target only from TMPDIR, and
 * two concurrent starts with the same folder would use each other's half-written files.
 */
import chromium from "@sparticuz/chromium";

await chromium.executablePath();
