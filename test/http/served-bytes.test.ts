import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type supertest from "supertest";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";

let on: BridgeOnSimulator;
beforeAll(async () => {
  on = await startBridgeOnSimulator();
});
afterAll(() => on.stop());

/** Of one to four bytes in UTF-8, what JSON escapes, and what is no character at all. */
const TITLES = ["Grüße", "日本 €", "\u{1f600}\u2028", 'a "b" \\', "\0\x7f\xff", "\ud800 \udc00"];

/** The body as it comes over the line. */
const bytesOf = async (request: supertest.Test): Promise<{ bytes: Buffer; length: unknown }> => {
  const { body, headers, status } = await request.buffer(true).parse((stream, done) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => done(null, Buffer.concat(chunks)));
  });
  expect(status).toBe(200);
  return { bytes: body, length: headers["content-length"] };
};

describe("a user with any characters", () => {
  it.each(TITLES)("is sent in UTF-8, under the address that was asked: %j", async (title) => {
    const userName = `${TITLES.indexOf(title)} ${title}`;
    const created = await on.scim("post", "/Users").send({ userName, title });
    const { id } = created.body;
    expect(created.body).toMatchObject({ userName, title });
    for (const host of ["a.example", "b.example:8443", "a.example"]) {
      const expected = {
        ...created.body,
        meta: { ...created.body.meta, location: `http://${host}/scim/v2/Users/${id}` },
      };
      const asked = [
        { path: `/Users/${id}`, read: (json: unknown) => json },
        {
          path: `/Users?filter=id+eq+%22${id}%22`,
          read: (json: unknown) => Object(json).Resources[0],
        },
      ];
      for (const { path, read } of asked) {
        const { bytes, length } = await bytesOf(on.scim("get", path).set("Host", host));
        const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        expect(read(JSON.parse(text))).toEqual(expected);
        expect(length).toBe(String(bytes.length));
      }
    }
  });
});
