const clock = /^(?:LD_PRELOAD|MOVED_CLOCK_SECONDS)$/;
const surroundings = /^(?:PATH|HOME|TMPDIR|TZ|LANG|LC_\w+)$/;

/**
 * The environment of a process that must see none of the caller's settings: the given ones, and what it needs to run in
 * the same place and time. That is `PATH`, `HOME`, `TMPDIR`, zone and locale, and the variables with which a test run
 * moves the clock.
 */
export function childEnvironment(
  settings: Readonly<Record<string, string | undefined>> = {},
): Record<string, string | undefined> {
  return { ...ofCaller(surroundings), ...clockEnvironment(), ...settings };
}

/** The variables with which a test run moves the clock of a process; empty if it is not moved. */
export function clockEnvironment(): Record<string, string | undefined> {
  return ofCaller(clock);
}

function ofCaller(names: RegExp): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}
