/** The choices where the gateway's guide is silent; the first of each is the default. */
export const ruleChoices = {
  /** The forms of `timestamp` that are accepted: 14 digits of Korean time, 13 digits of milliseconds since 1970, or both. */
  timestampForm: ["both", "korean-time", "milliseconds"],
  /** A second approval under an order number that was approved before. */
  duplicateOid: ["refuse", "accept"],
  /** The same cancel again: code 01, or the first success again. */
  repeatedCancel: ["strict", "lax"],
  /** A second request to P_REQ_URL: the first answer again, or a refusal. */
  repeatedApproval: ["same", "refuse"],
  /** A net cancel before the approval: "no such payment", or a success that also forbids the approval. */
  earlyNetCancel: ["refuse", "accept"],
  /** How the merchant must acknowledge escrow notifications. */
  escrowAcknowledgement: ["cd_rslt", "ok"],
  /** Whether the payment page requires the options in P_RESERVED that each method needs. */
  pageOptions: ["require", "ignore"],
  /** How the payment page returns the browser to P_NEXT_URL. */
  returnBy: ["post", "get"],
  /** Whether P_RMESG1 in the return is URL-encoded once more. */
  returnMessage: ["plain", "url-encoded"],
} as const;

type Choices = typeof ruleChoices;

/** The sandbox's behaviour where the guide is silent. */
export type Rules = { readonly [K in keyof Choices]: Choices[K][number] };

/**
 * Fills in the defaults.
 * @throws TypeError if a choice is invalid
 */
export function checkRules(options: Partial<Rules>): Rules {
  const entries = Object.entries(ruleChoices).map(([name, choices]) => {
    const choice = options[name as keyof Rules] ?? choices[0];
    if (!(choices as readonly string[]).includes(choice)) {
      throw new TypeError(`${name}: one of ${choices.join(", ")} is needed`);
    }
    return [name, choice];
  });
  return Object.fromEntries(entries) as Rules;
}
