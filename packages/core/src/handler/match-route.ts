import { createHash, timingSafeEqual } from "node:crypto";
import type { Route } from "./route.js";

/** The routes at one path, and the values of its parameters. */
export interface FoundRoutes {
  /** The path below `basePath`, without a slash at its end. */
  readonly path: string;
  readonly routes: readonly Route[];
  readonly parameters: Readonly<Record<string, string>>;
}

/** Returns the part of a URL's path below `basePath`; `undefined` if it is not below it. */
export function pathBelow(basePath: string, pathname: string): string | undefined {
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : undefined;
}

/**
 * Finds the routes of a path below `basePath`. One slash at its end is ignored, since Next.js adds it with `trailingSlash`.
 * `:notificationKey` must equal `secret`, which is compared in constant time.
 */
export function findRoutes(
  table: readonly Route[],
  given: string | undefined,
  secret: string | undefined,
): FoundRoutes {
  const path = (given ?? "").replace(/\/$/, "");
  const segments = path.split("/");
  let parameters: Record<string, string> = {};
  const routes = table.filter(({ path }) => {
    const found = match(path.split("/"), segments, secret);
    if (found !== undefined) parameters = found;
    return found !== undefined;
  });
  return { path, routes, parameters };
}

function match(
  pattern: readonly string[],
  segments: readonly string[],
  secret: string | undefined,
): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (part === ":notificationKey") {
      if (secret === undefined || !isSame(segment, secret)) return undefined;
    } else if (part.startsWith(":")) {
      const value = decodeSegment(segment);
      if (value === "") return undefined;
      parameters[part.slice(1)] = value;
    } else if (part !== segment) {
      return undefined;
    }
  }
  return parameters;
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

// An invalid id matches no order: the empty string stands for it.
function decodeSegment(segment: string): string {
  try {
    const text = decodeURIComponent(segment);
    return text.length <= 200 && !/\p{Cc}/u.test(text) ? text : "";
  } catch {
    return "";
  }
}

/** Returns the methods of a path, for the Allow header. */
export function allowedMethods(routes: readonly Route[]): string {
  const methods = routes.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return [...methods, "OPTIONS"].join(", ");
}
