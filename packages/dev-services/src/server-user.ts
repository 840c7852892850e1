import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";

/** The user that PostgreSQL runs as. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, so root runs it as the user `nobody`; other users run it as themselves.
 *
 * @returns undefined when no change of user is needed
 */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() === 0) {
    return { uid: identify("-u"), gid: identify("-g") };
  }
  try {
    userInfo();
  } catch {
    throw new Error(
      `User id ${process.getuid?.()} has no entry in the list of users, and PostgreSQL does not start without one: ` +
        "set DATABASE_URL to a PostgreSQL server of your own",
    );
  }
  return undefined;
}

function identify(option: "-u" | "-g"): number {
  try {
    // macOS prints nobody as 4294967294, which spawn only accepts as -2.
    return Number(execFileSync("id", [option, "nobody"], { encoding: "utf8", stdio: "pipe" }).trim()) | 0;
  } catch {
    throw new Error(
      "PostgreSQL does not run as root and there is no user `nobody` to run it as: " +
        "start as another user, or set DATABASE_URL to a PostgreSQL server of your own",
    );
  }
}
