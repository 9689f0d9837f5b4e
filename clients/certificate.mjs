// A certificate authority and a certificate for this machine, made for one world.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Writes PEM files into `folder`: `ca` is what clients have to trust, `chain` and `key` are the server's. */
export function certificate(folder) {
  const file = (name) => join(folder, name);
  const files = { ca: file("ca.pem"), chain: file("chain.pem"), key: file("key.pem") };
  const openssl = (...words) => execFileSync("openssl", words, { stdio: ["ignore", "ignore", "pipe"] });
  openssl("req", "-x509", ...KEY, "-keyout", file("ca.key"), "-out", files.ca, "-days", "7", "-subj", "/CN=Test CA");
  openssl("req", ...KEY, "-keyout", files.key, "-out", file("asked.pem"), "-subj", "/CN=localhost");
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n";
  writeFileSync(file("names"), names);
  const signed = ["-CA", files.ca, "-CAkey", file("ca.key"), "-CAcreateserial", "-extfile", file("names")];
  openssl("x509", "-req", "-in", file("asked.pem"), ...signed, "-out", files.chain, "-days", "7");
  return files;
}
