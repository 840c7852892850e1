import { join } from "node:path";
import { run } from "./run.mjs";
import { readJson, root } from "./workspace.mjs";

const quietTools = {
  DO_NOT_TRACK: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  npm_config_update_notifier: "false",
};

/**
 * Runs the pnpm that package.json names, without asking anybody to install it. npx also puts it on PATH, where turbo
 * looks for it.
 *
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function pnpm(args, options) {
  const wanted = /^pnpm@\d+\.\d+\.\d+/.exec(readJson(join(root, "package.json")).packageManager)?.[0];
  if (wanted === undefined) throw new Error("package.json names no pnpm version in packageManager");
  const npx = ["--yes", "--prefer-offline", "--loglevel=error", `--package=${wanted}`, "--", "pnpm"];
  return run("npx", [...npx, ...args], { cwd: root, ...options, env: { ...quietTools, ...options?.env } });
}

/** Installs exactly what the lockfile says; quick when nothing changed. */
export function install() {
  return pnpm(["install", "--frozen-lockfile", "--config.confirmModulesPurge=false"], { quiet: true });
}

/** @param {string[]} args @param {Parameters<typeof run>[2]} [options] */
export function turbo(args, options) {
  return pnpm(["exec", "turbo", "run", ...args], options);
}
