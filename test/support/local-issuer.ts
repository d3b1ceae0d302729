import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** Claims of a token; undefined leaves one out. */
export type Claims = Readonly<Record<string, unknown>>;

export interface SigningKey {
  readonly privateKey: CryptoKey;
  /** As the issuer publishes it. */
  readonly jwk: JWK;
}

/** An identity provider on this machine that publishes its keys and signs what it is told to. */
export interface LocalIssuer {
  /** The claim `iss`. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /** The keys that it publishes now. */
  readonly keys: SigningKey[];
  /** How often its keys were fetched. */
  readonly fetched: number;
  /** What it answers instead of its keys and configuration; undefined: those. */
  answer: { readonly status: number; readonly body: string } | undefined;
  /** What its configuration says, over what is true. */
  configuration: Readonly<Record<string, unknown>>;
  /** A token with the newest key, or another one. */
  sign(claims: Claims, header?: Claims, key?: SigningKey): Promise<string>;
  close(): Promise<void>;
}

export async function createSigningKey(kid: string, alg = "ES256"): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

/** A token with the claims, and members of the header over those that are usual; undefined leaves one out. */
export function signWith({ privateKey, jwk }: SigningKey, claims: Claims, header: Claims = {}) {
  const said = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  const alg = jwk.alg ?? "";
  const named = Object.entries({ kid: jwk.kid, typ: "JWT", ...header });
  const told = Object.fromEntries(named.filter(([, value]) => value !== undefined));
  return new SignJWT(said).setProtectedHeader({ ...told, alg }).sign(privateKey);
}

/** @param path stands at the end of the issuer's address, such as a tenant's */
export async function startLocalIssuer(path = ""): Promise<LocalIssuer> {
  const keys = [await createSigningKey("key-1")];
  let fetched = 0;
  const server = createServer((request, response) => {
    const isConfiguration = request.url === `${path.replace(/\/$/, "")}/.well-known/openid-configuration`;
    if (request.url === "/keys") fetched++;
    response.setHeader("Connection", "close");
    if (issuer.answer !== undefined) {
      response.writeHead(issuer.answer.status, { location: "/keys" }).end(issuer.answer.body);
    } else if (isConfiguration) {
      response.end(
        JSON.stringify({ issuer: issuer.issuer, jwks_uri: issuer.jwksUrl, ...issuer.configuration }),
      );
    } else if (request.url === "/keys") {
      response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: LocalIssuer = {
    issuer: `${origin}${path}`,
    jwksUrl: `${origin}/keys`,
    keys,
    get fetched() {
      return fetched;
    },
    answer: undefined,
    configuration: {},
    async sign(claims, header, key = keys.at(-1)) {
      if (key === undefined) throw new Error("The issuer has no key.");
      return signWith(key, { iss: issuer.issuer, ...claims }, header);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return issuer;
}
