import type { PayApi } from "@payapi/core";
import type { Operation } from "@payapi/core/operations";
import type { Sandbox } from "@payapi/sandbox";
import { operationInputs } from "../operation-inputs.js";

/** A client and the gateway it speaks to. */
export interface GatewayWorld {
  readonly payapi: PayApi;
  readonly sandbox: Sandbox;
}

type Input = Readonly<Record<string, unknown>>;

let orders = 0;

/** A new order number. */
export function newOid(): string {
  orders += 1;
  return `gw-${process.pid}-${orders}`;
}

/** Calls any operation by its name, as generic code would. */
export function callOperation(payapi: PayApi, name: string, input: Input): Promise<unknown> {
  const [group = "", method = ""] = name.split(".");
  const methods = (payapi as unknown as Record<string, Record<string, (input: Input) => Promise<unknown>>>)[
    group
  ];
  const call = methods?.[method];
  if (call === undefined) throw new Error(`the client has no ${name}`);
  return call(input);
}

/**
 * Every documented field of an operation, in a state of the gateway in which it succeeds: what it cancels is paid, what it
 * charges was issued.
 */
export async function prepareInput(world: GatewayWorld, operation: Operation): Promise<Input> {
  const { name } = operation;
  const input = operationInputs[name];
  if (input === undefined) throw new Error(`${name} needs an input in src/operation-inputs.ts`);
  return {
    ...input,
    ...("oid" in operation.request ? { oid: newOid() } : {}),
    ...(await stateFor(world, name)),
  };
}

async function stateFor({ payapi, sandbox }: GatewayWorld, name: string): Promise<Input> {
  const oid = newOid();
  switch (name) {
    case "payments.cancel":
      // The documented field cancelType is for payments of the gateway's page; a keyed-in one has none.
      return { tid: await paid(payapi, oid), cancelType: undefined };
    case "payments.cancelPartially":
      return { tid: await paid(payapi, oid) };
    case "billing.charge":
    case "billing.deleteKey": {
      const key = await payapi.billing.issueKey({
        buyerName: "홍길동",
        cardNumber: "4111111111111111",
        cardExpireYY: 99,
        cardExpireMM: 12,
        registNo: "880101",
        passwd: "12",
      });
      return { billkey: key.billkey };
    }
    case "billing.chargeMobile":
      return { billkey: sandbox.outside.issueMobileKey({ price: 15_000 }).billkey };
    case "escrow.registerDelivery":
      return { oid, tid: escrowPayment(sandbox, oid) };
    case "escrow.confirmPurchase":
    case "escrow.getStatus":
    case "escrow.rejectPurchase":
      return { tid: await delivered(payapi, sandbox, oid) };
    case "escrow.confirmRejection": {
      const tid = await delivered(payapi, sandbox, oid);
      await payapi.escrow.rejectPurchase({
        clientIp: "203.0.113.7",
        tid,
        buyName: "홍길동",
        refundName: "홍길동",
      });
      return { tid };
    }
    default:
      return {};
  }
}

async function paid(payapi: PayApi, oid: string): Promise<string> {
  const { tid } = await payapi.cards.approve({
    oid,
    price: 15_000,
    buyerName: "홍길동",
    cardNumber: "4111111111111111",
    cardExpireYY: 99,
    cardExpireMM: 12,
  });
  return tid;
}

function escrowPayment(sandbox: Sandbox, oid: string): string {
  return sandbox.outside.payWithEscrow({ oid, price: 15_000 }).tid;
}

async function delivered(payapi: PayApi, sandbox: Sandbox, oid: string): Promise<string> {
  const tid = escrowPayment(sandbox, oid);
  await callOperation(payapi, "escrow.registerDelivery", {
    ...operationInputs["escrow.registerDelivery"],
    oid,
    tid,
  });
  return tid;
}
