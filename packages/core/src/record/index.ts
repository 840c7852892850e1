import type { BillingKeyRecord } from "./billing-key-record.js";
import type { NotificationRecord } from "./notification-record.js";
import type { PageRecord } from "./page-record.js";
import type { PaymentRecord } from "./payment-record.js";

export type * from "./attempt-counters.js";
export type * from "./billing-key-record.js";
export type * from "./notification-record.js";
export type * from "./page-record.js";
export type * from "./payment-record.js";
export type * from "./request-memory.js";

/** Whatever a record may be asked for; which parts of it a handler needs depends on its groups. */
export type FullRecord = PaymentRecord & PageRecord & NotificationRecord & BillingKeyRecord;
