import type { Answer } from "@payapi/sandbox/in-process";
import type { World } from "./world.js";

/** Sends a request to a process of the shop; rejects if the process died during it. */
export type Doorway = (
  path: string,
  request: { method: "GET" | "POST"; body: string; contentType: string },
) => Promise<{ status: number; body: string }>;

const timeoutMs = 10_000;

/** Carries notifications to the shop: some get lost, some come several times, some overtake others. */
export function messenger(
  world: World,
  shop: Doorway,
  acknowledged: (path: string, body: string, answer: Answer) => void,
): (url: string, body: Buffer, contentType: string) => Promise<Answer> {
  return (url, body, contentType) => {
    const { random, faulty } = world;
    const path = new URL(url).pathname;
    const text = body.toString("latin1");
    const deliver = async (): Promise<Answer> => {
      world.note(`notification ${path} ${/P_OID=[^&]*|no_oid=[^&]*/.exec(text)?.[0]}`);
      const answer = await shop(path, { method: "POST", body: text, contentType });
      acknowledged(path, text, answer);
      return answer;
    };
    const copies = faulty && random.chance(0.3) ? random.between(1, 4) : 0;
    for (let copy = 0; copy < copies; copy++) {
      world.at(random.between(0, 90_000), () => void deliver().catch(() => {}));
    }
    const isLost = faulty && random.chance(0.15);
    const isUnheard = faulty && random.chance(0.1);
    const delay = faulty && random.chance(0.2) ? random.between(0, 9_000) : world.lag();
    return new Promise((resolve, reject) => {
      world.at(timeoutMs, () => reject(new Error("no answer in time")));
      if (isLost) return;
      world.at(delay, () => {
        deliver().then((answer) => {
          if (!isUnheard) resolve(answer);
        }, reject);
      });
    });
  };
}
