import type { Cast } from "./cast.js";
import { Violation } from "./world/world.js";

const minute = 60_000;

/** The end of a life: without faults and with enough time, every rule must hold. */
export async function comeToRest(cast: Cast): Promise<void> {
  const { world } = cast;
  const orderIds = [...cast.shop.orders.keys()];
  world.faulty = false;
  world.note("== nothing goes wrong any more");
  // The longest call, its grace, and the next turn of recover(); late commits and repeated notifications too.
  await world.pass(15 * minute);
  await cast.withMember((member) => cast.shop.recover(member));
  await checkCalls(cast, orderIds);
  // An approval, and then its net cancel.
  for (let rounds = 0; rounds < 2; rounds++) {
    await world.pass(15 * minute);
    await cast.withMember((member) => cast.operators.work(member));
  }
  await checkCalls(cast, orderIds);
  cast.invariants.checkSettled(orderIds);
  await checkEvents(cast);
}

async function checkCalls(cast: Cast, orderIds: readonly string[]): Promise<void> {
  let listed: readonly string[] = [];
  await cast.withMember(async ({ ledger }) => {
    const [calls, keys] = [await ledger.payments.needsReview(), await ledger.keys.orphans()];
    listed = [...calls.map(({ orderId }) => orderId), ...keys.map(({ callId }) => callId)];
  });
  const all = new Set(listed);
  cast.invariants.checkRest(orderIds, all);
  cast.keys.checkRest(all);
  cast.facts.checkRest();
}

/** All consumers take waiting events until none is left; then the staff handles the dead letters. */
async function checkEvents(cast: Cast): Promise<void> {
  await takeAll(cast);
  await cast.withMember(async (member) => {
    cast.events.checkRest(await member.ledger.events.deadLetters({ limit: 500 }));
    await cast.operators.work(member);
  });
  await takeAll(cast);
  cast.events.checkRest([]);
  cast.eventFacts.checkRest();
}

async function takeAll(cast: Cast): Promise<void> {
  for (let rounds = 0; rounds < 20; rounds++) {
    let waiting = 0;
    await cast.withMember(async (member) => {
      for (const name of cast.events.living) {
        await cast.shop.deliver(member, cast.consumers.of(member, name));
      }
      for (const status of await member.ledger.events.consumers())
        waiting += status.removing ? 0 : status.waiting;
    });
    if (waiting === 0) return;
    // The longest delay of an event.
    await cast.world.pass(22 * minute);
  }
  throw new Violation("I13", "events wait for ever");
}
