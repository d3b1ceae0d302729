import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type JsonBytes, jsonBytes, parseJsonBytes, utf8Bytes } from "../../src/scim/json-bytes.js";

/** Of one to four bytes in UTF-8, and what is no character at all. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "\0",
        '"',
        "\\",
        "é",
        "ß",
        "€",
        "\u2028",
        "\ufeff",
        "\ud800",
        "\udc00",
        "\u{1f600}",
        "\xff",
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));

const anyJson = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyText,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(anyText, tie("json"), { maxKeys: 3 }),
  ),
})).json;

const bufferOf = (bytes: JsonBytes) => Buffer.from(bytes, "latin1");

describe("JSON as bytes", () => {
  it("is the UTF-8 of the JSON, one character for each byte", () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = JSON.stringify({ value });
        const bytes = jsonBytes({ value });
        expect(bufferOf(bytes)).toEqual(Buffer.from(text));
        expect(bytes).toHaveLength(Buffer.byteLength(text));
      }),
    );
  });

  it("is read as what was written", () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(parseJsonBytes(jsonBytes({ value }))).toEqual(JSON.parse(JSON.stringify({ value })));
      }),
    );
  });

  it("can be joined of parts, between any two characters", () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        const parts = texts.map((text) => utf8Bytes(JSON.stringify(text)));
        expect(parts.join(",")).toBe(utf8Bytes(texts.map((text) => JSON.stringify(text)).join(",")));
      }),
    );
  });
});
