import { sandboxMerchant } from "@payapi/sandbox";
import type { InProcessSandbox } from "@payapi/sandbox/in-process";
import { stranger } from "../rules/notification-rules.js";
import type { Random } from "../world/random.js";
import type { World } from "../world/world.js";
import { NoAnswer } from "./member.js";
import type { Shop } from "./shop.js";

/**
 * Buyers know the transaction ids and virtual accounts of their own payments, and may forge notifications of events that never
 * happened, before or after the gateway's own.
 */
export class Strangers {
  constructor(
    readonly world: World,
    readonly random: Random,
    readonly shop: Shop,
    readonly sandbox: InProcessSandbox,
  ) {}

  act(): void {
    const { random } = this;
    const made = random.chance(0.7) ? this.#deposit() : this.#approval();
    if (made === undefined) return;
    const [kind, form] = made;
    this.world.note(`-- a stranger notifies of ${form.P_OID ?? form.no_oid}`);
    const request = {
      method: "POST",
      path: `/pay/notifications/${kind}`,
      body: new URLSearchParams(form).toString(),
      contentType: "application/x-www-form-urlencoded",
    } as const;
    this.shop.ask(request).catch((error: unknown) => {
      if (!(error instanceof NoAnswer)) this.world.fail(error);
    });
  }

  #deposit(): readonly ["mobile" | "deposit", Record<string, string>] | undefined {
    const { random } = this;
    const { accounts } = this.sandbox.book;
    if (accounts.length === 0) return undefined;
    const { tid, oid, price, number } = random.pick(accounts);
    const won = String(random.chance(0.5) ? price : price * 10);
    if (random.chance(0.4)) {
      const time = { dt_trans: "20260101", tm_trans: String(random.between(100_000, 235_959)) };
      const money = { amt_input: won, no_vacct: number, nm_input: stranger };
      const type_msg = random.chance(0.8) ? "0200" : "0400";
      return ["deposit", { no_tid: tid, no_oid: oid, type_msg, ...money, ...time }];
    }
    const account = { P_TYPE: "VBANK", P_VACT_NUM: number };
    return ["mobile", { ...this.#mobile(tid, oid, won), P_STATUS: "02", ...account }];
  }

  #approval(): readonly ["mobile", Record<string, string>] | undefined {
    const { links, transactions } = this.sandbox.book;
    if (links.length === 0) return undefined;
    const { oid, price } = this.random.pick(links);
    const known = transactions.find((paid) => paid.oid === oid)?.tid;
    const tid = known ?? `SBX${this.random.between(10_000_000, 99_999_999)}`;
    const won = String(this.random.chance(0.5) ? price : 100);
    return ["mobile", { ...this.#mobile(tid, oid, won), P_STATUS: "00", P_TYPE: "BANK" }];
  }

  #mobile(tid: string, oid: string, won: string): Record<string, string> {
    const at = "20260101000000";
    return {
      P_MID: sandboxMerchant.mid,
      P_TID: tid,
      P_OID: oid,
      P_AMT: won,
      P_AUTH_DT: at,
      P_UNAME: stranger,
    };
  }
}
