import { generate } from "selfsigned";

/** A self-signed certificate for 127.0.0.1. */
export async function makeCertificate(): Promise<{ key: string; cert: string }> {
  const made = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  return { key: made.private, cert: made.cert };
}
