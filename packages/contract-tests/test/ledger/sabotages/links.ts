import { randomBytes, randomUUID } from "node:crypto";
import type { LinkReservation, PageLink } from "@payapi/core";
import { alike, othersToo, type Sabotages } from "./sabotage.js";

const newToken = () => randomBytes(16).toString("base64url");

export const linkSabotages: Sabotages = {
  "an unknown token finds a link": {
    caughtBy: "links: are created once and found by their token",
    change: (good) => {
      let newest = "";
      return {
        async openLink(request) {
          const reservation = await good.store.openLink(request);
          if (reservation.status === "reserved") newest = reservation.link.token;
          return reservation;
        },
        findLink: async (token) => (await good.store.findLink(token)) ?? good.store.findLink(newest),
      };
    },
  },
  "two concurrent requests get a link each": {
    caughtBy: "links: are created once for concurrent requests of two processes",
    change: (good) => {
      const made = new Map<string, PageLink>();
      return {
        async openLink(request): Promise<LinkReservation> {
          const earlier = made.get(request.orderId);
          await othersToo();
          const reservation = await good.store.openLink(request);
          if (reservation.status === "reserved") made.set(request.orderId, reservation.link);
          const first = made.get(request.orderId);
          if (reservation.status !== "refused" || earlier !== undefined || first === undefined)
            return reservation;
          return {
            status: "reserved",
            link: { ...first, token: newToken(), oid: randomUUID().slice(0, 30) },
          };
        },
      };
    },
  },
  "an open link is replaced by another": {
    caughtBy: "links: are returned again while they are open",
    change: (good) => ({
      async openLink(request) {
        const reservation = await good.store.openLink(request);
        if (reservation.status !== "existing") return reservation;
        await good.store.closeLink(reservation.link.token);
        return good.store.openLink(request);
      },
    }),
  },
  "a link without an address stays open": {
    caughtBy: "links: are closed when no address was received for them",
    change: (good) => ({
      async settleLink(token, url) {
        if (url !== undefined) await good.store.settleLink(token, url);
      },
    }),
  },
  "a link stays open after the buyer gave up": {
    caughtBy: "links: are closed when the buyer returns",
    change: () => ({ closeLink: async () => {} }),
  },
  "a changed price gets the link of the old price": {
    caughtBy: "links: are replaced for another price or method",
    change: (good) => {
      const first = new Map<string, Parameters<typeof good.store.openLink>[0]>();
      return {
        openLink(request) {
          const asked = first.get(request.orderId) ?? request;
          first.set(request.orderId, asked);
          return good.store.openLink(asked);
        },
      };
    },
  },
  "a closed link is reopened when its address arrives": {
    caughtBy: "links: are not reopened once they are closed",
    change: (good) => {
      const late = new Map<string, string>();
      return {
        async settleLink(token, url) {
          const link = await good.store.findLink(token);
          if (link?.state === "closed" && url !== undefined) late.set(token, url);
          await good.store.settleLink(token, url);
        },
        async findLink(token) {
          const [link, url] = [await good.store.findLink(token), late.get(token)];
          return link === undefined || url === undefined ? link : { ...link, state: "open", url };
        },
      };
    },
  },
  ...refusedNowhere({
    "a paid order gets a link": "links: are refused for an order that is paid",
    "an order with a running approval gets a link": "links: are refused while an approval is running",
    "an order of unknown outcome gets a link":
      "links: are refused while the outcome of an approval is unknown",
  }),
  "an order's links and approvals share an oid": {
    caughtBy: "links: get unique order numbers, whatever the order ids",
    change: (good) => ({
      async openLink(request): Promise<LinkReservation> {
        const reservation = await good.store.openLink(request);
        if (reservation.status === "refused") return reservation;
        return { ...reservation, link: { ...reservation.link, oid: request.orderId.slice(0, 30) } };
      },
    }),
  },
};

/** A store that gives every order a link, each of these caught by a case of its own. */
function refusedNowhere(caughtBy: Readonly<Record<string, string>>): Sabotages {
  return alike(caughtBy, (good) => ({
    async openLink(request) {
      const reservation = await good.store.openLink(request);
      if (reservation.status !== "refused") return reservation;
      return good.store.openLink({ ...request, orderId: `${request.orderId}-again` });
    },
  }));
}
