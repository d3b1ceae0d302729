import { createPublicKey, createSecretKey } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { SignJWT, UnsecuredJWT } from "jose";
import { createIssuerKeys } from "../../src/access/issuer-keys.js";
import { createJwtVerifier } from "../../src/access/jwt-verifier.js";
import type { CredentialVerifier } from "../../src/access/principal.js";
import {
  type Claims,
  createSigningKey,
  type LocalIssuer,
  type SigningKey,
  signWith,
  startLocalIssuer,
} from "../support/local-issuer.js";
import { ManualClock } from "../support/manual-clock.js";
import { RecordedLog } from "../support/recorded-log.js";

const AUDIENCE = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
const APP = "00000014-0000-0000-c000-000000000000";
const SUBJECT = "0b6e1f53-70b2-4a55-9a31-6e8c8f5c9a10";
const TENANT = "/11111111-2222-3333-4444-555555555555/";

describe("a JWT", () => {
  let issuer: LocalIssuer;
  let stranger: SigningKey;
  let clock: ManualClock;
  let log: RecordedLog;
  let verify: CredentialVerifier;

  const nowSeconds = () => Math.floor(clock.now() / 1000);
  /** What Entra ID signs for a blank secret token. */
  const good = (): Claims => ({
    aud: AUDIENCE,
    appid: APP,
    sub: SUBJECT,
    iat: nowSeconds() - 10,
    nbf: nowSeconds() - 10,
    exp: nowSeconds() + 3600,
  });

  function createVerifier(jwksUrl?: string): CredentialVerifier {
    const keys = createIssuerKeys({ issuer: issuer.issuer, jwksUrl, clock, fetch });
    return createJwtVerifier({
      issuer: issuer.issuer,
      audience: AUDIENCE,
      allowed: new Set([APP, SUBJECT]),
      scope: "read",
      keys,
      clock,
      log,
    });
  }

  beforeAll(async () => {
    stranger = await createSigningKey("key-1");
  });
  beforeEach(async () => {
    issuer = await startLocalIssuer(TENANT);
    clock = new ManualClock();
    log = new RecordedLog();
    verify = createVerifier();
  });
  afterEach(() => issuer.close());

  describe("lets in", () => {
    const cases: [string, () => Claims, Claims?][] = [
      ["whom appid names", () => ({ ...good(), sub: "somebody" })],
      ["whom azp names", () => ({ ...good(), appid: undefined, azp: APP, sub: "somebody" })],
      ["whom azp and appid name alike", () => ({ ...good(), azp: APP })],
      ["whom sub names", () => ({ ...good(), appid: undefined })],
      ["whom sub names, with an app that nobody listed", () => ({ ...good(), appid: "another" })],
      ["one with several audiences", () => ({ ...good(), aud: ["another", AUDIENCE] })],
      ["one that expired less than a minute ago", () => ({ ...good(), exp: nowSeconds() - 59 })],
      ["one that is valid in less than a minute", () => ({ ...good(), nbf: nowSeconds() + 59 })],
      ["one that was issued by a clock ahead", () => ({ ...good(), iat: nowSeconds() + 59 })],
      ["one without nbf and iat", () => ({ ...good(), nbf: undefined, iat: undefined })],
      ["one without typ", good, { typ: undefined }],
      ["an access token of RFC 9068", good, { typ: "at+jwt" }],
      ["an access token of RFC 9068 in its long form", good, { typ: "application/AT+JWT" }],
      ["one without kid where there is one key", good, { kid: undefined }],
    ];
    it.each(cases)("%s", async (...[, claims, header]) => {
      expect(await verify(await issuer.sign(claims(), header))).toMatchObject({
        scheme: "jwt",
        scope: "read",
      });
    });

    it.each(["RS256", "RS384", "PS256", "PS512", "ES384", "Ed25519", "EdDSA"])(
      "one signed with %s",
      async (alg) => {
        const key = await createSigningKey(`key-${alg}`, alg);
        issuer.keys.push(key);
        expect(await verify(await issuer.sign(good()))).toMatchObject({ name: APP });
      },
    );

    it("one whose keys are where the configuration says", async () => {
      const known = createVerifier(issuer.jwksUrl);
      issuer.configuration = { jwks_uri: "https://keys.example.invalid/" };
      expect(await known(await issuer.sign(good()))).toMatchObject({ name: APP });
    });
  });

  describe("is refused", () => {
    const claims: [string, () => Claims, Claims?][] = [
      ["of another issuer", () => ({ ...good(), iss: "https://sts.windows.net/another/" })],
      ["of the issuer without its slash", () => ({ ...good(), iss: issuer.issuer.slice(0, -1) })],
      ["of the issuer in other case", () => ({ ...good(), iss: issuer.issuer.toUpperCase() })],
      ["of a list of issuers", () => ({ ...good(), iss: [issuer.issuer] })],
      ["of no issuer", () => ({ ...good(), iss: undefined })],
      ["for another audience", () => ({ ...good(), aud: "another" })],
      ["for an audience that begins alike", () => ({ ...good(), aud: `${AUDIENCE}/.default` })],
      ["for no audience", () => ({ ...good(), aud: undefined })],
      ["for an empty list of audiences", () => ({ ...good(), aud: [] })],
      ["that has expired", () => ({ ...good(), exp: nowSeconds() - 61 })],
      ["that never expires", () => ({ ...good(), exp: undefined })],
      ["that expires at no time", () => ({ ...good(), exp: "tomorrow" })],
      ["that is not valid yet", () => ({ ...good(), nbf: nowSeconds() + 62 })],
      ["that was issued in the future", () => ({ ...good(), iat: nowSeconds() + 62 })],
      ["whom nobody listed", () => ({ ...good(), appid: "another", sub: "somebody" })],
      ["that names nobody", () => ({ ...good(), appid: undefined, sub: undefined })],
      ["whose azp and appid are two", () => ({ ...good(), azp: "another" })],
      ["whose azp is a list", () => ({ ...good(), appid: undefined, azp: [APP] })],
      ["whose azp is an object", () => ({ ...good(), appid: undefined, azp: { toString: APP } })],
      ["whose azp is null", () => ({ ...good(), azp: null })],
      ["whose appid has a blank", () => ({ ...good(), appid: `${APP} `, sub: "somebody" })],
      ["whose sub is a list", () => ({ ...good(), appid: undefined, sub: [SUBJECT] })],
      [
        "that names a listed client elsewhere",
        () => ({ ...good(), appid: "x", sub: "y", oid: APP, client_id: APP }),
      ],
      ["of a logout", good, { typ: "logout+jwt" }],
      ["of a security event", good, { typ: "application/secevent+jwt" }],
    ];
    it.each(claims)("one %s", async (...[, said, header]) => {
      expect(await verify(await issuer.sign(said(), header))).toBeUndefined();
    });

    const forged: [string, () => Promise<string> | string][] = [
      ["that nobody signed", () => new UnsecuredJWT({ iss: issuer.issuer, ...good() }).encode()],
      [
        "with the algorithm none and a signature",
        async () => {
          const [, body, signature] = (await issuer.sign(good())).split(".");
          return `${encoded({ alg: "none", kid: "key-1" })}.${body}.${signature}`;
        },
      ],
      ["of a stranger with the same kid", () => signWith(stranger, { iss: issuer.issuer, ...good() })],
      ["with a kid that is not known", () => issuer.sign(good(), { kid: "key-9" })],
      [
        "signed with the public key as a secret",
        async () => {
          const [key] = issuer.keys;
          const spki = createPublicKey({ key: { ...key?.jwk }, format: "jwk" }).export({
            type: "spki",
            format: "pem",
          });
          return new SignJWT({ iss: issuer.issuer, ...good() })
            .setProtectedHeader({ alg: "HS256", kid: "key-1" })
            .sign(createSecretKey(Buffer.from(spki)));
        },
      ],
      [
        "that brings its own key along",
        () => signWith(stranger, { iss: issuer.issuer, ...good() }, { jwk: stranger.jwk, kid: undefined }),
      ],
      [
        "that says where its key is",
        () => signWith(stranger, { iss: issuer.issuer, ...good() }, { jku: "https://keys.example.invalid/" }),
      ],
      [
        "that says where its certificate is",
        () => signWith(stranger, { iss: issuer.issuer, ...good() }, { x5u: "https://keys.example.invalid/" }),
      ],
      [
        "whose claims were changed",
        async () => {
          const [header, , signature] = (await issuer.sign({ ...good(), appid: "another" })).split(".");
          return `${header}.${encoded({ iss: issuer.issuer, ...good() })}.${signature}`;
        },
      ],
      ["without its signature", async () => (await issuer.sign(good())).replace(/[^.]+$/, "")],
      ["whose header is no JSON", async () => (await issuer.sign(good())).replace(/^[^.]+/, "AAAA")],
      ["whose claims are no JSON", async () => (await issuer.sign(good())).replace(/\.[^.]+\./, ".AAAA.")],
      ["that is longer than any", () => issuer.sign({ ...good(), filler: "x".repeat(20_000) })],
      ["with white space at its end", async () => `${await issuer.sign(good())} `],
      ["with a fourth part", async () => `${await issuer.sign(good())}.AAAA`],
    ];
    it.each(forged)("one %s", async (_what, token) => {
      expect(await verify(await token())).toBeUndefined();
    });

    it("and nothing of it is in the log but the reason", async () => {
      const token = await issuer.sign({ ...good(), aud: "another", sub: "the-subject" });
      await verify(token);
      expect(log.lines).toEqual([
        { level: "warn", message: "a JWT was refused", fields: { reason: expect.stringContaining("aud") } },
      ]);
    });
  });

  it("is not looked for in what has another form, and no key is fetched for it", async () => {
    for (const credential of ["a-token-for-tests-only", "tsba_x", "a.b", "", "a.b.c d", "é.b.c"]) {
      expect(await verify(credential)).toBeUndefined();
    }
    expect(await verify(await issuer.sign({ ...good(), iss: "https://another.example" }))).toBeUndefined();
    expect(issuer.fetched).toBe(0);
  });

  describe("whose issuer", () => {
    it("is asked for its keys once, also by many tokens at the same time", async () => {
      const token = await issuer.sign(good());
      const found = await Promise.all(Array.from({ length: 20 }, () => verify(token)));
      expect(found.every((principal) => principal?.name === APP)).toBe(true);
      await clock.advance(9 * 60_000);
      expect(await verify(await issuer.sign(good()))).toBeDefined();
      expect(issuer.fetched).toBe(1);
    });

    it("changes its keys is asked again, but not for each token with a key that is not known", async () => {
      expect(await verify(await issuer.sign(good()))).toBeDefined();
      issuer.keys.push(await createSigningKey("key-2"));
      expect(await verify(await issuer.sign(good()))).toBeUndefined();
      expect(issuer.fetched).toBe(1);
      await clock.advance(30_000);
      expect(await verify(await issuer.sign(good()))).toBeDefined();
      expect(issuer.fetched).toBe(2);
      for (let n = 0; n < 5; n++)
        expect(await verify(await issuer.sign(good(), { kid: `key-${n}x` }))).toBeUndefined();
      expect(issuer.fetched).toBe(2);
    });

    it("withdraws a key is believed within ten minutes", async () => {
      const old = await issuer.sign(good());
      expect(await verify(old)).toBeDefined();
      issuer.keys.splice(0, 1, await createSigningKey("key-2"));
      await clock.advance(10 * 60_000);
      expect(await verify(old)).toBeUndefined();
    });

    it.each([
      ["is down", { status: 503, body: "" }],
      ["redirects", { status: 302, body: "" }],
      ["answers no JSON", { status: 200, body: "<html>" }],
      ["answers no keys", { status: 200, body: "{}" }],
      ["answers null", { status: 200, body: "null" }],
    ])("%s lets nobody say whether it is good, and is not asked at each token", async (_how, answer) => {
      const known = createVerifier(issuer.jwksUrl);
      issuer.answer = answer;
      const token = await issuer.sign(good());
      for (let n = 0; n < 3; n++) {
        await expect(Promise.resolve(verify(token))).rejects.toMatchObject({ code: "issuerUnavailable" });
        await expect(Promise.resolve(known(token))).rejects.toMatchObject({ code: "issuerUnavailable" });
      }
      expect(issuer.fetched).toBe(1);
      issuer.answer = undefined;
      await clock.advance(5_000);
      expect(await verify(token)).toBeDefined();
      expect(await known(token)).toBeDefined();
    });

    it.each([
      ["is another one", { issuer: "https://another.example" }],
      ["has its keys without https", { jwks_uri: "http://keys.example.invalid/" }],
      ["says of no keys", { jwks_uri: null }],
    ])("by its configuration %s is not believed", async (_how, configuration) => {
      issuer.configuration = configuration;
      const asked = Promise.resolve(verify(await issuer.sign(good())));
      await expect(asked).rejects.toMatchObject({ code: "issuerUnavailable" });
    });
  });
});

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
