import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const here = dirname(fileURLToPath(import.meta.url));

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Packages of this workspace lie two folders up.
  turbopack: { root: dirname(dirname(here)) },
  // `typecheck` checks the app together with everything else.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ["pg"],
};

export default config;
