import { readFileSync } from "node:fs";

/** One request field as the gateway's guide lists it. */
export interface RequestFact {
  readonly name: string;
  readonly ko: string;
  readonly size: number | null;
  readonly required: boolean;
  readonly encrypted: boolean;
}

/** One reply field as the gateway's guide lists it. */
export interface ReplyFact {
  readonly name: string;
  readonly ko: string;
  readonly size: number | null;
  readonly present: string;
}

/** One service of the gateway, copied from its guide by hand and not derived from core. */
export interface ServiceFacts {
  readonly section: string;
  readonly name: string;
  readonly path: string;
  readonly signed: readonly string[];
  readonly successCode: string;
  readonly request: readonly RequestFact[];
  readonly reply: readonly ReplyFact[];
}

/** Known answers for the field cipher and the signature. */
export interface KnownAnswers {
  readonly merchant: {
    readonly mid: string;
    readonly signKey: string;
    readonly fieldKey: string;
    readonly fieldIv: string;
  };
  readonly mkey: string;
  readonly fields: readonly { readonly plain: string; readonly encrypted: string }[];
  readonly signatures: readonly {
    readonly operation: string;
    readonly text: string;
    readonly signature: string;
  }[];
}

/** All 15 services, by name. */
export const services: ReadonlyMap<string, ServiceFacts> = new Map(
  (read("services.json") as ServiceFacts[]).map((service) => [service.name, service]),
);

/**
 * Every result code that means success in one of the gateway's products or another. `0000` is not in the guide: two live
 * integrations take it for a done cancel. From a service whose success code is another, these prove nothing.
 */
export const allSuccessCodes: readonly string[] = ["00", "0000", "310000"];

export const knownAnswers = read("known-answers.json") as KnownAnswers;

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
}
