import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { SCIM_JSON, TOKEN } from "../support/bridge-on-simulator.js";
import { KeptConnection, type KeptRequest } from "./kept-connection.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";

const AUTHORIZATION = { Authorization: `Bearer ${TOKEN}` };
const JSON_BODY = { ...AUTHORIZATION, "Content-Type": SCIM_JSON };

describe("a connection that is kept open", () => {
  let running: QuietBridge;
  let port: number;

  beforeAll(async () => {
    running = await startQuietBridge();
    ({ port } = running);
  });
  afterAll(() => running.stop());

  it("serves one request after the other, whatever becomes of each", async () => {
    const { body: user } = await running.scim("post", "/Users").send({ userName: "ada@example.com" });
    const users = "/scim/v2/Users";
    const byId = `${users}/${user.id}`;
    const suspend = '{"Operations":[{"op":"replace","path":"active","value":false}]}';
    const story: readonly [number, KeptRequest][] = [
      [200, { method: "GET", path: users, headers: AUTHORIZATION }],
      [200, { method: "HEAD", path: users, headers: AUTHORIZATION }],
      [200, { method: "GET", path: users, headers: { ...AUTHORIZATION, "Accept-Encoding": "gzip" } }],
      [201, { method: "POST", path: users, headers: JSON_BODY, body: '{"userName":"grace@example.com"}' }],
      [409, { method: "POST", path: users, headers: JSON_BODY, body: '{"userName":"grace@example.com"}' }],
      [400, { method: "POST", path: users, headers: JSON_BODY, body: "{" }],
      [
        401,
        { method: "POST", path: users, headers: { "Content-Type": SCIM_JSON }, body: "x".repeat(100_000) },
      ],
      [406, { method: "PATCH", path: byId, headers: { ...JSON_BODY, Accept: "text/html" }, body: suspend }],
      [
        415,
        { method: "PUT", path: byId, headers: { ...AUTHORIZATION, "Content-Type": "text/x" }, body: "x" },
      ],
      [405, { method: "DELETE", path: users, headers: AUTHORIZATION }],
      [501, { method: "POST", path: "/scim/v2/Me", headers: JSON_BODY, body: suspend }],
      [200, { method: "PATCH", path: byId, headers: JSON_BODY, body: suspend }],
      [204, { method: "OPTIONS", path: byId, headers: AUTHORIZATION }],
      [204, { method: "DELETE", path: byId, headers: AUTHORIZATION }],
      [404, { method: "DELETE", path: byId, headers: AUTHORIZATION }],
      [404, { method: "GET", path: byId, headers: AUTHORIZATION }],
      [200, { method: "GET", path: "/healthz" }],
    ];
    const connection = new KeptConnection(port);
    const answers = [];
    for (const [, request] of story) answers.push(await connection.exchange(request));
    connection.close();
    expect(answers.map(({ status }) => status)).toEqual(story.map(([status]) => status));
    expect(answers.map(({ isReused }) => isReused)).toEqual(story.map((_, index) => index > 0));
  });

  it("is closed when the client asks for that", async () => {
    const connection = new KeptConnection(port);
    const headers = { Connection: "close" };
    const answer = await connection.exchange({ method: "GET", path: "/healthz", headers });
    connection.close();
    expect(answer.headers.connection).toBe("close");
  });
});
