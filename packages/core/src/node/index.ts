export { sendWebResponse } from "./send-web-response.js";
export { type ToWebRequestOptions, toWebRequest } from "./to-web-request.js";
