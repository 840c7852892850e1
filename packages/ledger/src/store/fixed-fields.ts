/** What an attempt, a cancel or a link is made with: a save of one that is there leaves it as it is. */
export const fixedFields = {
  approvals: ["id", "mid", "orderId", "attemptNo", "oid", "payType", "price", "authTid", "createdAt"],
  cancels: [
    "id",
    "mid",
    "approvalId",
    "seq",
    "operation",
    "network",
    "cancelPrice",
    "confirmPrice",
    "actor",
    "createdAt",
  ],
  links: ["token", "mid", "orderId", "linkNo", "oid", "payType", "price", "createdAt", "openUntil"],
} as const;
