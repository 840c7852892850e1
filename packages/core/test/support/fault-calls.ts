import { afterEach, beforeAll, beforeEach } from "vitest";
import { PayApiError } from "../../src/index.js";
import { type Behaviour, FaultServer, makeCertificate } from "./fault-server.js";
import { approval, sandboxClient } from "./merchant.js";

/** Calls of cards.approve to a fault server, which is a new one for each test. */
export class FaultCalls {
  certificate = { key: "", cert: "" };
  #server: FaultServer | undefined;

  constructor() {
    beforeAll(async () => {
      this.certificate = await makeCertificate();
    });
    beforeEach(async () => {
      this.server = await FaultServer.start(this.certificate);
    });
    afterEach(() => this.server.close());
  }

  get server(): FaultServer {
    if (this.#server === undefined) throw new Error("The server has not started");
    return this.#server;
  }

  set server(server: FaultServer) {
    this.#server = server;
  }

  /** Calls cards.approve and returns the outcome. */
  async approve(
    options: { signal?: AbortSignal; beforeSend?: () => Promise<void> | void; ca?: string } = {},
  ): Promise<{ error: PayApiError | undefined; beforeSends: number }> {
    let beforeSends = 0;
    const payapi = sandboxClient({ baseUrl: this.server.origin, ca: options.ca ?? this.certificate.cert });
    const error = await payapi.cards
      .approve(approval, {
        signal: options.signal,
        beforeSend: () => {
          beforeSends += 1;
          return options.beforeSend?.();
        },
      })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    if (error !== undefined && !(error instanceof PayApiError)) throw error;
    return { error, beforeSends };
  }
}

/** Answers a complete request with this text. */
export const answer =
  (text: string): Behaviour =>
  async ({ tls, request }) => {
    await request();
    tls.end(text, "latin1");
  };
