import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import express from "express";
import { sendJson, sendScim, sendScimBytes } from "../../src/http/answers.js";
import { compressAnswers } from "../../src/http/content-negotiation.js";
import { type RunningServer, startServer } from "../../src/http/server.js";
import { type KeptAnswer, KeptConnection, type KeptRequest } from "./kept-connection.js";

const BODY = { displayName: "Zoë 李 🚀", title: "x".repeat(2000) };
const UTF8 = Buffer.from(JSON.stringify(BODY));

describe("an answer", () => {
  let server: RunningServer;
  let connection: KeptConnection;

  beforeAll(async () => {
    const app = express().disable("x-powered-by").set("etag", false);
    app.use(compressAnswers());
    app.get("/scim", (_request, response) => sendScim(response, 200, BODY));
    app.get("/bytes", (_request, response) => sendScimBytes(response, 200, UTF8.toString("latin1")));
    app.get("/json", (_request, response) => sendJson(response, 200, BODY));
    server = await startServer(app, "127.0.0.1", 0);
    connection = new KeptConnection(server.port);
  });
  afterAll(async () => {
    connection.close();
    await server.stop();
  });

  const ask = (path: string, request: Partial<KeptRequest> = {}) =>
    connection.exchange({ method: "GET", path, headers: {}, ...request });

  /** The headers without those that tell of the moment, and of how the body is cut into pieces. */
  function lasting({ headers }: KeptAnswer) {
    const { date: _at, "transfer-encoding": _pieces, ...others } = headers;
    return others;
  }

  it.each([
    ["/scim", "application/scim+json; charset=utf-8"],
    ["/bytes", "application/scim+json; charset=utf-8"],
    ["/json", "application/json; charset=utf-8"],
  ])("at %s is UTF-8 of the length that it says, and not for caches", async (path, mediaType) => {
    const { status, headers, bytes } = await ask(path);
    expect(status).toBe(200);
    expect(bytes).toEqual(UTF8);
    expect(headers).toMatchObject({
      "content-type": mediaType,
      "content-length": String(UTF8.length),
      "cache-control": "no-store",
    });
  });

  it.each(["/scim", "/bytes", "/json"])("at %s is the same when it is compressed", async (path) => {
    const { headers, bytes } = await ask(path, { headers: { "Accept-Encoding": "gzip" } });
    expect(headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(bytes)).toEqual(UTF8);
  });

  it.each(["/scim", "/bytes", "/json"])(
    "at %s has no body for HEAD, and the headers of GET",
    async (path) => {
      for (const headers of [{}, { "Accept-Encoding": "gzip" }]) {
        const full = await ask(path, { headers });
        const head = await ask(path, { method: "HEAD", headers });
        expect(head.bytes).toHaveLength(0);
        expect(lasting(head)).toEqual(lasting(full));
      }
    },
  );
});
