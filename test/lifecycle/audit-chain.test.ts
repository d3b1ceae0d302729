import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  CHAIN_START,
  canonicalJson,
  sealCheckpoint,
  sealRow,
  verifyChain,
} from "../../src/lifecycle/audit-chain.js";
import type { AuditRecord, ChainHead, SealedRow } from "../../src/lifecycle/audit-store.js";

const KEY = Buffer.alloc(32, 7);
const OTHER_KEY = Buffer.alloc(32, 8);

function record(n: number): AuditRecord {
  return {
    kind: "outcome",
    time: new Date(n * 1000).toISOString(),
    actor: { name: "okta", requestId: `request-${n}` },
    actions: ["suspend"],
    to: { status: "suspended" },
    outcome: "done",
    dryRun: false,
  };
}

function chain(length: number, start: ChainHead = CHAIN_START): SealedRow[] {
  const rows: SealedRow[] = [];
  for (let n = 0; n < length; n++) rows.push(sealRow(KEY, rows.at(-1) ?? start, record(n)));
  return rows;
}

/** The number of the first row that is wrong. */
function faultOf(rows: readonly SealedRow[], expected?: ChainHead): number | undefined {
  return verifyChain(KEY, undefined, rows, expected).fault?.number;
}

const rows = chain(12);
const place = fc.nat({ max: rows.length - 1 });

describe("a chain of rows", () => {
  it("is found as it was written, whatever is in its rows", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (names) => {
        const written: SealedRow[] = [];
        for (const [n, name] of names.entries()) {
          const said = { ...record(n), actor: { name }, identity: name };
          written.push(sealRow(KEY, written.at(-1) ?? CHAIN_START, said));
        }
        const head = written.at(-1);
        expect(verifyChain(KEY, undefined, written)).toEqual({
          fault: undefined,
          rows: names.length,
          head: { number: names.length, mac: head?.mac ?? "" },
        });
      }),
    );
  });

  it("shows the first row that was removed, unless it is at the end", () => {
    fc.assert(
      fc.property(fc.nat({ max: rows.length - 2 }), fc.integer({ min: 1, max: 5 }), (at, count) => {
        const left = rows.toSpliced(at, Math.min(count, rows.length - 1 - at));
        expect(faultOf(left)).toBe(at + 1);
      }),
    );
  });

  it("shows rows that were removed at its end to whoever knows where it ended", () => {
    fc.assert(
      fc.property(place, (kept) => {
        const head = rows.at(-1);
        expect(faultOf(rows.slice(0, kept))).toBeUndefined();
        expect(faultOf(rows.slice(0, kept), head)).toBe(kept + 1);
      }),
    );
  });

  it("shows the first row that was altered, in any character", () => {
    fc.assert(
      fc.property(place, fc.constantFrom("text", "mac"), fc.nat(), fc.nat(), (at, part, where, by) => {
        const row = rows[at] ?? sealRow(KEY, CHAIN_START, record(0));
        const old = row[part];
        const index = where % old.length;
        const other = String.fromCharCode(((old.charCodeAt(index) + 1 + (by % 90)) % 96) + 32);
        const altered = { ...row, [part]: old.slice(0, index) + other + old.slice(index + 1) };
        if (altered[part] !== old) expect(faultOf(rows.with(at, altered))).toBe(at + 1);
      }),
    );
  });

  it("shows a row that was inserted, also one that was made without the key, and one that is there twice", () => {
    fc.assert(
      fc.property(place, place, fc.boolean(), (at, copied, renumbers) => {
        const forged = sealRow(OTHER_KEY, rows[at - 1] ?? CHAIN_START, record(99));
        const copy = rows[copied] ?? forged;
        for (const inserted of [forged, renumbers ? { ...copy, number: at + 1 } : copy]) {
          // A copy of the row at its own place is followed by the fault.
          const first = inserted.text === rows[at]?.text && inserted.number === at + 1 ? at + 2 : at + 1;
          expect(faultOf(rows.toSpliced(at, 0, inserted))).toBe(first);
        }
      }),
    );
  });

  it("shows the first of rows that were reordered, also when they are renumbered", () => {
    fc.assert(
      fc.property(place, place, fc.boolean(), (one, other, renumbers) => {
        fc.pre(one !== other);
        const [a, b] = [rows[one], rows[other]];
        if (a === undefined || b === undefined) return;
        const swapped = rows.with(one, b).with(other, a);
        const shown = renumbers ? swapped.map((row, at) => ({ ...row, number: at + 1 })) : swapped;
        expect(faultOf(shown)).toBe(Math.min(one, other) + 1);
      }),
    );
  });

  it("is of no use under another key", () => {
    expect(verifyChain(OTHER_KEY, undefined, rows).fault?.number).toBe(1);
  });

  it("shows that the log tells of another row", () => {
    expect(faultOf(rows, rows[4])).toBeUndefined();
    expect(faultOf(rows, { number: 5, mac: "0".repeat(64) })).toBe(5);
  });
});

describe("a chain that was cut", () => {
  const cutAt = rows[5] ?? CHAIN_START;
  const checkpoint = sealCheckpoint(KEY, {
    number: cutAt.number,
    mac: cutAt.mac,
    time: new Date(0).toISOString(),
    count: 6,
  });

  it("goes on from its checkpoint", () => {
    expect(verifyChain(KEY, checkpoint, rows.slice(6))).toMatchObject({ fault: undefined, rows: 6 });
    expect(verifyChain(KEY, checkpoint, [])).toMatchObject({ fault: undefined, head: { number: 6 } });
  });

  it("shows that more was removed than the checkpoint says", () => {
    expect(verifyChain(KEY, checkpoint, rows.slice(7)).fault?.number).toBe(7);
    expect(verifyChain(KEY, undefined, rows.slice(6)).fault?.number).toBe(1);
  });

  it.each([{ number: 5 }, { count: 7 }, { mac: "0".repeat(64) }, { time: "2026-11-24T00:00:00.000Z" }])(
    "shows that its checkpoint was altered (%j)",
    (altered) => {
      expect(verifyChain(KEY, { ...checkpoint, ...altered }, rows.slice(6)).fault?.number).toBe(0);
    },
  );
});

describe("canonical JSON", () => {
  it("is the same text for members in another order, and leaves out what is undefined", () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: "x" })).toBe('{"a":"x","b":[{"d":1}]}');
    expect(canonicalJson({ a: "x", b: [{ d: 1 }] })).toBe(canonicalJson({ b: [{ d: 1 }], a: "x" }));
  });
});
