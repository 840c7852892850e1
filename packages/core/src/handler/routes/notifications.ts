import { errorName } from "../../log/log.js";
import { type Acknowledgement, acknowledge } from "../../notifications/acknowledge.js";
import type { NotificationKind } from "../../notifications/notification.js";
import { parseNotification } from "../../notifications/parse-notification.js";
import type { GatewayCall, Route } from "../route.js";

const notifications = { group: "notifications", subject: "notification", method: "POST" } as const;

export const notificationRoutes = [
  {
    ...notifications,
    kind: "mobile",
    path: "/notifications/mobile",
    summary: "Receives results of payments on the gateway's payment page (P_NOTI_URL).",
    run: (call: GatewayCall) => receive("mobile", call),
  },
  {
    ...notifications,
    kind: "deposit",
    path: "/notifications/deposit",
    summary:
      "Receives deposits to virtual accounts and their reversals. Register this address with the gateway.",
    run: (call: GatewayCall) => receive("deposit", call),
  },
  {
    ...notifications,
    kind: "escrow",
    path: "/notifications/escrow",
    summary: "Receives changes of escrow payments. Register this address with the gateway.",
    run: (call: GatewayCall) => receive("escrow", call),
  },
] as const satisfies readonly Route[];

async function receive(kind: NotificationKind, { form, source, services }: GatewayCall): Promise<Response> {
  const { payapi, logger, ledger, mayStore, notificationCharsets, escrowAcknowledgement } = services;
  const notification = parseNotification(form, { kind, charset: notificationCharsets[kind] });
  const event = "event" in notification ? notification.event : notification.status;
  const problem = "problem" in notification ? { problem: notification.problem } : {};
  const facts = { kind, event, dedupeKey: notification.dedupeKey, ...problem };
  const answer = (result: "stored" | { failed: string }) =>
    respond(acknowledge(kind, result, { escrow: escrowAcknowledgement }));
  try {
    if (!(await mayStore(notification, source))) {
      logger.write("notification-limited", { ...facts, address: source.address });
      return answer({ failed: "too many" });
    }
    const body = `notification:${Buffer.from(form).toString("latin1")}`;
    const [bodyFingerprint, earlierFingerprints] = [
      payapi.fingerprint(body),
      payapi.earlierFingerprints(body),
    ];
    const received = { notification, bodyFingerprint, earlierFingerprints, source };
    const { effect } = await ledger.receiveNotification(received);
    if (effect === "quarantined" || effect === "mismatch") {
      logger.write("notification-needs-review", { ...facts, effect });
    }
    return answer("stored");
  } catch (error) {
    logger.write("notification-not-stored", { ...facts, error: errorName(error) });
    return answer({ failed: "not stored" });
  }
}

function respond({ status, contentType, body }: Acknowledgement): Response {
  return new Response(body, {
    status,
    headers: {
      "content-type": contentType,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
