import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface CertificateAuthority {
  /** The path of its certificate. */
  readonly caFile: string;
  /** Its certificate, in PEM. */
  readonly ca: string;
  /** Signs a certificate for 127.0.0.1 and localhost, under a name of its own in the folder. */
  issue(name: string): IssuedCertificate;
}

export interface IssuedCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Makes a certificate authority that nobody knows, for a test, in a folder that the test removes. */
export function createCertificateAuthority(folder: string): CertificateAuthority {
  const path = (name: string) => join(folder, name);
  const [caFile, caKey] = [path("ca.pem"), path("ca.key")];
  openssl("req", "-x509", ...NEW_KEY, "-subj", "/CN=Private CA", "-keyout", caKey, "-out", caFile);
  const extensions = path("extensions");
  writeFileSync(extensions, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  return {
    caFile,
    ca: readFileSync(caFile, "utf8"),
    issue(name) {
      const [certFile, keyFile, request] = [path(`${name}.pem`), path(`${name}.key`), path(`${name}.csr`)];
      openssl("req", ...NEW_KEY, "-subj", `/CN=${name}`, "-keyout", keyFile, "-out", request);
      const signing = ["-CA", caFile, "-CAkey", caKey, "-CAcreateserial", "-extfile", extensions];
      openssl("x509", "-req", "-in", request, ...signing, "-out", certFile);
      return { certFile, keyFile, cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
    },
  };
}
