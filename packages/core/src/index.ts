export * from "./record.js";
export { isSecret, Secret } from "./secret.js";
