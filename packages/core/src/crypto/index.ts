export { decryptField, encryptField, type FieldKeys } from "./field-cipher.js";
export { hashSignKey, signFields } from "./signature.js";
