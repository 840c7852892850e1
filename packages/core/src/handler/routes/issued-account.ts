import type { PageAccountIssued } from "../../payment-page/read-return.js";
import type { PageLink } from "../../store/index.js";
import { fromLedger } from "../from-ledger.js";
import type { Services } from "../route.js";

/** Stores the virtual account of a buyer's return; the order then awaits its deposit. */
export async function keepAccount(
  { ledger, logger, payapi }: Services,
  link: PageLink,
  issued: PageAccountIssued,
): Promise<void> {
  const { tid, account, bankCode, accountHolder, dueAt, price } = issued;
  const { orderId, oid } = link;
  const differs = [
    price !== undefined && price !== link.price && "P_AMT",
    issued.oid !== undefined && issued.oid !== oid && "P_OID",
    issued.mid !== undefined && issued.mid !== payapi.mid && "P_MID",
  ].filter((field) => field !== false);
  if (differs.length > 0) {
    logger.write("account-differs", { differs });
    return;
  }
  const facts = {
    orderId,
    oid,
    price: link.price,
    tid,
    account,
    ...(bankCode === undefined ? {} : { bankCode }),
    ...(accountHolder === "" ? {} : { accountHolder }),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
  await fromLedger(logger, { orderId }, () =>
    ledger.awaitDeposit(facts).catch((error: unknown) => {
      if (!isContradiction(error)) throw error;
      logger.write("account-not-stored", { reason: error.code });
    }),
  );
}

function isContradiction(error: unknown): error is { code: string } {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    (error.code === "tid-used" || error.code === "invalid-argument")
  );
}
