import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseRfc2822Date } from "../../src/twilio/rfc2822-date.js";

describe("a date as Twilio writes it", () => {
  it.each([
    ["Tue, 24 Nov 2026 10:20:30 +0000", Date.UTC(2026, 10, 24, 10, 20, 30)],
    ["Sun, 29 Feb 2032 00:00:00 +0000", Date.UTC(2032, 1, 29)],
    ["Thu, 31 Dec 2026 23:59:59 +0000", Date.UTC(2026, 11, 31, 23, 59, 59)],
    ["Tue, 24 Nov 2026 10:20:30 GMT", Date.UTC(2026, 10, 24, 10, 20, 30)],
    ["Tue, 24 Nov 2026 10:20:30 +0530", Date.UTC(2026, 10, 24, 4, 50, 30)],
    ["Mon, 30 Nov 2026 22:20:30 -0800", Date.UTC(2026, 11, 1, 6, 20, 30)],
    ["4 Nov 2026 10:20 +0000", Date.UTC(2026, 10, 4, 10, 20)],
  ])("is read: %j", (text, ms) => {
    expect(parseRfc2822Date(text)).toBe(ms);
  });

  it("is read whenever it is", () => {
    const wholeSeconds = fc
      .integer({ min: 0, max: Date.UTC(2100, 0) / 1000 })
      .map((seconds) => seconds * 1000);
    fc.assert(
      fc.property(wholeSeconds, (ms) => {
        const text = new Date(ms).toUTCString();
        expect(parseRfc2822Date(text)).toBe(ms);
        expect(parseRfc2822Date(text.replace("GMT", "+0000"))).toBe(ms);
      }),
    );
  });

  it.each([
    "",
    "yesterday",
    "yesterday 1",
    "2026-11-24T10:20:30Z",
    "1772446830",
    "Tue, 24 Nov 2026",
    "Tue, 24 Nov 2026 10:20:30",
    "Tue, 24 Nov 2026 10:20:30 +0000 (today)",
    "Tue, 24 Nov 2026 10:20:30 +0000\n",
    "Tue, 24 Foo 2026 10:20:30 +0000",
    "Tue, 32 Dec 2026 10:20:30 +0000",
    "Tue, 31 Feb 2026 10:20:30 +0000",
    "Sun, 29 Feb 2026 10:20:30 +0000",
    "Sat, 31 Nov 2026 22:20:30 -0800",
    "Tue, 00 Nov 2026 10:20:30 +0000",
    "Tue, 24 Nov 2026 25:20:30 +0000",
    "Tue, 24 Nov 2026 10:60:30 +0000",
  ])("is nothing else: %j", (text) => {
    expect(parseRfc2822Date(text)).toBeUndefined();
  });
});
