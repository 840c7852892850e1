import { operationList } from "@payapi/core/operations";
import { isLoopbackUrl } from "../http/loopback.js";

/** A merchant that the sandbox knows. */
export interface SandboxMerchant {
  /** At most 10 characters. */
  readonly mid: string;
  readonly signKey: string;
  /** 32 ASCII characters as issued. */
  readonly fieldKey: string;
  /** 16 ASCII characters as issued. */
  readonly fieldIv: string;
  /** The form of a card number that the signature covers (default: `clear`). */
  readonly signedCardNumber?: "clear" | "ciphertext";
  /** Other paths for this merchant, by operation, such as `{ "escrow.confirmRejection": "/escrow/buydeny" }`. */
  readonly paths?: Readonly<Record<string, string>>;
  /** The fields that keyed-in approvals require by the merchant's contract (default: none). */
  readonly requires?: readonly ("registNo" | "passwd")[];
  /** The URL for notifications of deposits to virtual accounts of the PC window, on this machine. */
  readonly depositUrl?: string;
  /** The URL for notifications of escrow changes, on this machine. */
  readonly escrowUrl?: string;
  /** The charset of notifications to `depositUrl` and `escrowUrl` (default: `euc-kr`). */
  readonly notificationCharset?: "euc-kr" | "utf-8";
}

/**
 * The published sandbox merchant. Its keys are public on purpose: they work only with a sandbox, and the client rejects them in other
 * environments.
 */
export const sandboxMerchant: SandboxMerchant = {
  mid: "sandbox001",
  signKey: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
  fieldKey: "1".repeat(32),
  fieldIv: "1".repeat(16),
};

/** Validates the merchants at the start; messages name the field and the position, never the value. */
export function indexMerchants(merchants: readonly SandboxMerchant[]): ReadonlyMap<string, SandboxMerchant> {
  if (merchants.length === 0) throw new TypeError("merchants: give at least one");
  const index = new Map<string, SandboxMerchant>();
  merchants.forEach((merchant, at) => {
    const require = (holds: boolean, problem: string) => {
      if (!holds) throw new TypeError(`merchants[${at}].${problem}`);
    };
    require(/^[\x21-\x7e]{1,10}$/.test(merchant.mid), "mid: 1 to 10 ASCII characters are needed");
    require(merchant.signKey.length > 0, "signKey: is empty");
    require(/^[\x20-\x7e]{32}$/.test(merchant.fieldKey), "fieldKey: exactly 32 ASCII characters are needed");
    require(/^[\x20-\x7e]{16}$/.test(merchant.fieldIv), "fieldIv: exactly 16 ASCII characters are needed");
    require(!index.has(merchant.mid), "mid: occurs twice");
    for (const [operation, path] of Object.entries(merchant.paths ?? {})) {
      const known = operationList.some(({ name }) => name === operation);
      require(known && /^\/[\x21-\x7e]*$/.test(path), "paths: operations and their paths are needed");
    }
    for (const name of ["depositUrl", "escrowUrl"] as const) {
      const url = merchant[name];
      require(url === undefined || isLoopbackUrl(url), `${name}: only a loopback address is possible`);
    }
    index.set(merchant.mid, merchant);
  });
  return index;
}
