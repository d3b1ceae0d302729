import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Slices } from "../../src/directory/slices.js";
import { readRecordList } from "../../src/twilio/record-list.js";

/** What is read of an answer; undefined where it cannot be read. */
async function read(json: Buffer, slices = new Slices()) {
  const options = { name: "records", read: (record: unknown) => record, slice: slices.begin() };
  try {
    const { records, rest } = await readRecordList(json, options);
    return { ...rest, records };
  } catch (error) {
    expect(error).toMatchObject({ name: "TwilioTransportError", reason: "MALFORMED" });
    return undefined;
  }
}

/** The same by `JSON.parse`. */
function parsed(json: Buffer): unknown {
  try {
    const body: unknown = JSON.parse(json.toString());
    if (typeof body !== "object" || body === null || !("records" in body)) return undefined;
    return Array.isArray(body.records) ? { ...body, records: body.records.map(outlined) } : undefined;
  } catch {
    return undefined;
  }
}

/** A record, with nothing in the objects and lists within it. */
function outlined(record: unknown): unknown {
  const emptied = (inner: unknown) => {
    if (typeof inner !== "object" || inner === null) return inner;
    return Array.isArray(inner) ? [] : {};
  };
  if (typeof record !== "object" || record === null) return record;
  if (Array.isArray(record)) return record.map(emptied);
  return Object.fromEntries(Object.entries(record).map(([name, inner]) => [name, emptied(inner)]));
}

const spaces = fc.constantFrom("", "  ", "\t");
const member = fc.string({ unit: "binary" }).filter((name) => name !== "records" && name !== "__proto__");

/** Answers with such records anywhere among their members, in any layout. */
function answers(record: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> {
  const others = fc.dictionary(member, other);
  return fc.tuple(others, fc.array(record), others, spaces).map(([before, records, after, space]) => {
    return Buffer.from(JSON.stringify({ ...before, records, ...after }, null, space));
  });
}

describe("an answer with a list of records", () => {
  it("is read as JSON.parse reads it, but for what is nested in the records", async () => {
    const value = fc.jsonValue({ stringUnit: "binary", maxDepth: 2 });
    await fc.assert(
      fc.asyncProperty(answers(value, value), async (json) => {
        expect(await read(json)).toEqual(parsed(json));
      }),
    );
  }, 30_000);

  it("is read as JSON.parse reads it, or not at all, where it was cut or damaged", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", '"', "\\", ",", ":", "é") });
    const flat = fc.oneof(text, fc.double(), fc.constantFrom(true, null));
    const answer = answers(fc.oneof(flat, fc.dictionary(text, flat)), flat);
    const damage = fc.constantFrom("", '"', "\\", ",", ":", "[", "]", "{", "}", " ", "0", "é");
    await fc.assert(
      fc.asyncProperty(answer, fc.nat(), fc.nat({ max: 2 }), damage, async (json, place, length, put) => {
        const at = place % (json.length + 1);
        const cut = json.subarray(0, at);
        const damaged = Buffer.concat([cut, Buffer.from(put), json.subarray(at + length)]);
        expect(await read(cut)).toEqual(parsed(cut));
        expect(await read(damaged)).toEqual(parsed(damaged));
      }),
      { numRuns: 200 },
    );
  }, 30_000);

  it.each([
    ["a string that ends in a backslash", String.raw`{"a":"\\","records":["\\\\",{"b":"]\\\""}]}`],
    ["quotes and brackets in strings", String.raw`{"\"records\":[":"[{","records":["\",\"","}],"]}`],
    ["a list of the same name further in", '{"a":{"records":[1]},"b":[{"records":[2]}],"records":[3]}'],
    ["blanks around everything", ' { "records" : [ 1 , [ ] , { } ] , "a" : 2 } \n'],
    ["no record", '{"records":[ ],"a":1}'],
    ["something empty within a record", '{"records":[{"a":{ },"b":[],"c":1},[[ ],{}]]}'],
  ])("is read with %s", async (_, json) => {
    expect(await read(Buffer.from(json))).toEqual(JSON.parse(json));
  });

  it.each([
    '{"records":[1,]}',
    '{"records":[,1]}',
    '{"records":[1 2]}',
    '{"records":[1}',
    '{"records":[1]]}',
    '{"records":[1]} x',
    '{"records":[{"a":1]}}',
    '{"records":{}}',
    '{"records":"[1]"}',
    '{"record":[1]}',
    '["records",[1]]',
    '"records"',
  ])("is not %s", async (json) => {
    expect(await read(Buffer.from(json))).toBeUndefined();
  });

  it("is read without what is nested in the records", async () => {
    const json = Buffer.from('{"records":[{"a":{"b":[1],"c":"}"},"d":[{"e":2},3],"f":4}]}');
    expect(await read(json)).toEqual({ records: [{ a: {}, d: [], f: 4 }] });
  });

  it("is read in slices where it takes long", async () => {
    let now = 0;
    let turns = 0;
    const slices = new Slices({
      // Time passes by looking at the clock.
      now: () => (now += 3),
      nextTurn: async () => {
        turns += 1;
      },
    });
    const json = JSON.stringify({ records: Array.from({ length: 1000 }, (_, number) => ({ number })) });
    expect(await read(Buffer.from(json), slices)).toEqual(JSON.parse(json));
    expect(turns).toBeGreaterThan(10);
  });
});
