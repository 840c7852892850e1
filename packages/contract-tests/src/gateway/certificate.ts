import selfsigned from "selfsigned";

/** A certificate for 127.0.0.1 and its key, with which the sandbox serves TLS. */
export async function gatewayCertificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const { private: key, cert } = await selfsigned.generate([{ name: "commonName", value: "sandbox" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
  return { key, cert };
}
