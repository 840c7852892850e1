import { createPayApi, type PayApi, type PayApiConfig } from "../../src/index.js";

/** The published sandbox merchant. */
export const merchant = {
  mid: "sandbox001",
  signKey: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
  fieldKey: "11111111111111111111111111111111",
  fieldIv: "1111111111111111",
} as const;

export function sandboxClient(config: Partial<PayApiConfig> = {}): PayApi {
  return createPayApi({ ...merchant, environment: "sandbox", ...config });
}

export const approval = {
  oid: "order_20261121_0001",
  price: 15_000,
  buyerName: "홍길동",
  cardNumber: "4111111111111111",
  cardExpireYY: 30,
  cardExpireMM: 1,
};

export const approved = {
  ResultCode: "00",
  ResultMsg: "정상",
  PayDate: "20261121",
  PayTime: "093001",
  Price: "15000",
  tid: "T0123456789",
  ApplNum: "12345678",
};
