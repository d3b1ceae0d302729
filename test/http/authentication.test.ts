import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { SCIM_JSON } from "../support/bridge-on-simulator.js";
import { KeptConnection } from "./kept-connection.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";
import { rawExchange } from "./raw-exchange.js";
import { expectScimError } from "./scim-error.js";

/** With upper and lower case, and what base64 and URLs have to escape. */
const TOKEN = "Aa0-._~+/=:?%41Zz";

/** One header field for each scheme. */
const CHALLENGES = /^Bearer realm="[^"]+", Basic realm="[^"]+", charset="UTF-8"$/;

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

describe("authentication", () => {
  let running: QuietBridge;
  let port: number;

  beforeAll(async () => {
    running = await startQuietBridge({
      env: { SCIM_TOKEN: TOKEN, ADMIN_TOKEN: "the-token-of-the-administrator" },
    });
    ({ port } = running);
  });
  afterAll(() => running.stop());

  const ask = (authorization: string | undefined, path = "/scim/v2/Users") => {
    const request = supertest(running.bridge.app).get(path);
    return authorization === undefined ? request : request.set("Authorization", authorization);
  };

  it.each([
    ["Bearer", `Bearer ${TOKEN}`],
    ["bearer", `bearer ${TOKEN}`],
    ["BEARER", `BEARER ${TOKEN}`],
    ["Bearer and several blanks", `Bearer   ${TOKEN}`],
    ["no scheme, as Okta's header authentication has it", TOKEN],
    ["Basic with any user", basic("okta", TOKEN)],
    ["Basic with no user", basic("", TOKEN)],
    ["basic", basic("okta", TOKEN).replace("Basic", "basic")],
  ])("lets the token in with %s", async (_how, authorization) => {
    expect((await ask(authorization)).status).toBe(200);
  });

  it.each<[string, string | undefined]>([
    ["no header", undefined],
    ["an empty header", ""],
    ["another token", "Bearer another-token-of-somebody"],
    ["the beginning of the token", `Bearer ${TOKEN.slice(0, -1)}`],
    ["the end of the token", `Bearer ${TOKEN.slice(1)}`],
    ["more than the token", `Bearer ${TOKEN}x`],
    ["the token twice", `Bearer ${TOKEN} ${TOKEN}`],
    ["the token twice, with a comma", `Bearer ${TOKEN}, Bearer ${TOKEN}`],
    ["the token in lower case", `Bearer ${TOKEN.toLowerCase()}`],
    ["the token in upper case", `Bearer ${TOKEN.toUpperCase()}`],
    ["the token, decoded as in a URL", `Bearer ${decodeURIComponent(TOKEN)}`],
    ["the token in quotes", `Bearer "${TOKEN}"`],
    ["the token and a no-break space", `Bearer ${TOKEN}\u00a0`],
    ["the scheme alone", "Bearer"],
    ["the scheme and blanks", "Bearer  "],
    ["the scheme twice", `Bearer Bearer ${TOKEN}`],
    ["the scheme next to the token", `Bearer${TOKEN}`],
    ["another scheme", `Token ${TOKEN}`],
    ["Digest", `Digest username="x", response="${TOKEN}"`],
    ["Basic alone", "Basic"],
    ["Basic with the bare token", `Basic ${TOKEN}`],
    ["Basic without a colon", `Basic ${Buffer.from(TOKEN.replaceAll(":", "")).toString("base64")}`],
    ["Basic with the token as the user", basic(TOKEN.replaceAll(":", ""), "")],
    ["Basic with no password", basic("okta", "")],
    ["Basic with a wrong password", basic("okta", "wrong")],
    ["Basic with the token and a blank", basic("okta", `${TOKEN} `)],
    ["Basic with the token and a line end", basic("okta", `${TOKEN}\n`)],
    ["Basic with garbage", "Basic !!!***"],
    ["Bearer with Basic's credentials", basic("okta", TOKEN).replace("Basic", "Bearer")],
  ])("answers 401 to %s", async (_what, authorization) => {
    const response = await ask(authorization);
    expectScimError(response, 401);
    expect(response.headers["www-authenticate"]).toMatch(CHALLENGES);
    const answer = `${JSON.stringify(response.headers)}${response.text}`.toLowerCase();
    for (const secret of [TOKEN, TOKEN.slice(0, -1), Buffer.from(TOKEN).toString("base64").slice(0, 12)]) {
      expect(answer).not.toContain(secret.toLowerCase());
    }
  });

  it("answers alike to a token that is nearly right and one that is not", async () => {
    const [near, far] = [await ask(`Bearer ${TOKEN}x`), await ask("Bearer nonsense")];
    expect(near.body).toEqual(far.body);
  });

  it("does not take the token from the query, the body, a cookie or another header", async () => {
    const query = `access_token=${encodeURIComponent(TOKEN)}&token=${encodeURIComponent(TOKEN)}`;
    const response = await ask(undefined, `/scim/v2/Users?${query}`).set({
      Cookie: `token=${TOKEN}`,
      "Proxy-Authorization": `Bearer ${TOKEN}`,
      "X-Forwarded-Authorization": `Bearer ${TOKEN}`,
      "X-Api-Key": TOKEN,
    });
    expectScimError(response, 401);
  });

  it("does not let a second header decide", async () => {
    const answer = await rawExchange(port, {
      method: "GET",
      target: "/scim/v2/Users",
      headers: { Authorization: "Bearer wrong", authorization: `Bearer ${TOKEN}` },
    });
    expect(answer.status).toBe(401);
  });

  it.each([
    "/scim/v2/Users",
    "/scim/v2/users/",
    "/SCIM/V2/USERS",
    "/scim/v2/Users/AC00000000000000000000000000000000",
    "/scim/v2/Users/%zz",
    "/scim/v2/Schemas",
    "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
    "/scim/v2/ResourceTypes",
    "/scim/v2/ResourceTypes/User",
    "/scim/v2/ServiceProviderConfig/x",
    "/scim/v2/ServiceProviderConfig/../Users",
    "/scim/v2//Users",
    "/scim/v2/nothing",
    "/scim/v2/Me",
    "/scim/v2",
    "/admin",
    "/admin/accounts/AC00000000000000000000000000000000/refresh",
  ])("is wanted at %s, whatever the method", async (target) => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
      const answer = await rawExchange(port, { method, target, headers: { "Content-Length": "0" } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(CHALLENGES);
    }
  });

  it.each(["/scim/v2/ServiceProviderConfig", "/SCIM/v2/serviceproviderconfig/", "/healthz", "/readyz"])(
    "is not wanted at %s, nor is a wrong token refused there",
    async (path) => {
      expect((await ask(undefined, path)).status).toBe(200);
      expect((await ask("Bearer wrong", path)).status).toBe(200);
    },
  );

  it("is asked for at /metrics with the same challenge", async () => {
    const response = await supertest(running.bridge.app).get("/metrics").set("Via", "1.1 proxy");
    expectScimError(response, 401);
    expect(response.headers["www-authenticate"]).toMatch(CHALLENGES);
  });

  it.each([
    ["Bearer", `Bearer ${TOKEN}`],
    ["Basic", basic("okta", TOKEN)],
  ])(
    "may be sent after the challenge only, on the same connection, with %s",
    async (scheme, authorization) => {
      const connection = new KeptConnection(port);
      const userName = `${scheme}@example.com`;
      for (const [request, success] of [
        [{ method: "GET", path: "/scim/v2/Users" }, 200],
        [{ method: "POST", path: "/scim/v2/Users", body: JSON.stringify({ userName }) }, 201],
      ] as const) {
        const headers = { "Content-Type": SCIM_JSON };
        const refused = await connection.exchange({ ...request, headers });
        expect(refused.status).toBe(401);
        expect(refused.headers["www-authenticate"]).toContain(`${scheme} realm=`);
        const again = await connection.exchange({
          ...request,
          headers: { ...headers, Authorization: authorization },
        });
        expect([again.status, again.isReused]).toEqual([success, true]);
      }
      connection.close();
      const filter = encodeURIComponent(`userName eq "${userName}"`);
      const found = await ask(`Bearer ${TOKEN}`, `/scim/v2/Users?filter=${filter}`);
      expect(found.body.totalResults).toBe(1);
    },
  );

  it("comes before the body is looked at", async () => {
    const response = await supertest(running.bridge.app)
      .post("/scim/v2/Users")
      .set("Content-Type", "text/plain")
      .send("x".repeat(2 * 1024 * 1024));
    expectScimError(response, 401);
  });
});
