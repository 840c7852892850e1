/** A message for people, in English and Korean. */
export interface LocalizedMessage {
  readonly en: string;
  readonly ko: string;
}

/** Returns the preferred language of an Accept-Language header: Korean unless it prefers English. */
export function preferredLanguage(acceptLanguage: string | null): "ko" | "en" {
  const weights = { ko: 0, en: 0 };
  for (const part of (acceptLanguage ?? "").slice(0, 500).split(",")) {
    const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
    const quality = parameters
      .map((text) => /^\s*q=([0-9.]+)$/.exec(text)?.[1])
      .find((text) => text !== undefined);
    const weight = quality === undefined ? 1 : Number(quality);
    for (const language of ["ko", "en"] as const) {
      if (tag === language || tag.startsWith(`${language}-`))
        weights[language] = Math.max(weights[language], weight);
    }
  }
  return weights.en > weights.ko ? "en" : "ko";
}
