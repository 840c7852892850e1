import type {} from "@payapi/dev-services/vitest";
import { expect, inject, it } from "vitest";
// Built code runs several times faster than what vitest makes of the source.
import { runSeed } from "../dist/run-seed.js";

const seeds = Array.from({ length: 10 }, (_, index) => index + 1);

it.each(seeds)("seed %i takes the same steps over PostgreSQL as over the memory store", async (seed) => {
  const overPostgres = await runSeed(seed, { database: inject("databaseUrl") });
  expect(overPostgres.violation).toBeUndefined();
  const overMemory = await runSeed(seed);
  expect(overPostgres.trace).toEqual(overMemory.trace);
});
