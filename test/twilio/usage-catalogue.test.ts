import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { add, type Decimal, parseDecimal, subtract, ZERO } from "../../src/twilio/decimal.js";
import { createUsageCatalogue } from "../../src/twilio/usage-catalogue.js";
import { USAGE_CATEGORIES, USAGE_SERVICES } from "../../src/twilio/usage-categories.js";

const catalogue = createUsageCatalogue();
const byName = new Map(USAGE_CATEGORIES.map((category) => [category.name, category]));

function rollupsOf(name: string): string[] {
  const parent = byName.get(name)?.parent;
  return parent === undefined ? [] : [parent, ...rollupsOf(parent)];
}

function prices(entries: Readonly<Record<string, string>>) {
  return new Map(Object.entries(entries).map(([name, price]) => [name, parseDecimal(price) ?? ZERO]));
}

function namesToRead(entries: Readonly<Record<string, string>>): string[] {
  return catalogue.toRead(prices(entries)).map(({ category }) => category);
}

describe("the categories", () => {
  it("are those that Twilio named, each once and in lower case, the grand total excepted", () => {
    expect(USAGE_CATEGORIES).toHaveLength(647);
    expect(byName.size).toBe(647);
    expect(byName.has("totalprice")).toBe(false);
    for (const { name } of USAGE_CATEGORIES) expect(name).toBe(name.toLowerCase());
  });

  it("belong to a service each, and every service has some", () => {
    expect(new Set(USAGE_CATEGORIES.map(({ service }) => service))).toEqual(
      new Set(USAGE_SERVICES.map(({ slug }) => slug)),
    );
  });

  it("are contained in roll-ups only, and not in themselves", () => {
    for (const { name, parent } of USAGE_CATEGORIES) {
      if (parent !== undefined)
        expect({ parent, rollup: byName.get(parent)?.rollup }).toEqual({ parent, rollup: true });
      expect(rollupsOf(name)).not.toContain(name);
    }
  });

  it.each([
    ["calls-inbound-local", ["calls-inbound", "calls"]],
    ["calls-inbound-tollfree-mobile", ["calls-inbound-tollfree", "calls-inbound", "calls"]],
    ["sms-outbound-longcode", ["sms-outbound", "sms"]],
    ["verify-push", ["account-security"]],
    ["authy-sms-outbound", ["account-security"]],
    [
      "wireless-data-payg-asia-afg",
      ["wireless-data-payg-asia", "wireless-data-payg", "wireless-data", "wireless"],
    ],
    ["wireless-usage-mrc-pooled", ["wireless-usage-mrc", "wireless-usage", "wireless"]],
    ["channels-whatsapp-template-utility", ["channels-whatsapp", "channels"]],
    ["carrier-lookups", ["lookups"]],
    ["live-activity-lookups", ["lookups"]],
    ["calls-recordings", []],
    ["recordingstorage", []],
  ])("%s is contained in %j", (name, expected) => expect(rollupsOf(name)).toEqual(expected));
});

describe("the services", () => {
  it("have a slug, and a description of one sentence", () => {
    for (const { slug, display, description } of USAGE_SERVICES) {
      expect(slug).toBe(display.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"));
      expect(description).toMatch(/^[A-Z].{10,200}\.$/);
    }
    const slugs = USAGE_SERVICES.map(({ slug }) => slug);
    expect(slugs).toEqual([...new Set(slugs)].sort());
    expect(slugs).toEqual(expect.arrayContaining(["verify", "sms", "voice", "phone-numbers", "other"]));
  });

  it("are found without regard to case, and Other where Twilio never named the category", () => {
    expect(catalogue.serviceOf("usage-RCS-messages").slug).toBe("rcs");
    expect(catalogue.isKnown("USAGE-rcs-messages")).toBe(true);
    expect(catalogue.serviceOf("quantum-relay").display).toBe("Other");
    expect(catalogue.isKnown("quantum-relay")).toBe(false);
    expect(catalogue.isKnown("TotalPrice")).toBe(true);
    expect(catalogue.isPassive("PhoneNumbers-Local")).toBe(true);
    expect(catalogue.isPassive("quantum-relay")).toBe(false);
  });
});

describe("what has to be read", () => {
  it("is the roll-up, for all that it contains of its service", () => {
    expect(
      namesToRead({
        totalprice: "3",
        sms: "3",
        "sms-outbound": "2",
        "sms-outbound-longcode": "2",
        "sms-inbound": "1",
      }),
    ).toEqual(["sms"]);
    expect(namesToRead({ phonenumbers: "1", "phonenumbers-local": "1" })).toEqual(["phonenumbers"]);
  });

  it("is not what has no price", () => {
    expect(namesToRead({ totalprice: "1", sms: "0", mms: "1" })).toEqual(["mms"]);
    expect(namesToRead({ sms: "0", "sms-outbound": "1" })).toEqual(["sms-outbound"]);
  });

  it("is each service of a roll-up with several", () => {
    expect(namesToRead({ channels: "2", "channels-whatsapp": "1", "channels-messaging": "1" })).toEqual([
      "channels",
      "channels-whatsapp",
    ]);
  });

  it("is the fees in a roll-up too, so that they can be told from use", () => {
    expect(
      catalogue.toRead(prices({ monitor: "3", "monitor-storage": "1", "monitor-reads": "2" })),
    ).toMatchObject([
      { category: "monitor", isUsed: true, fees: ["monitor-storage"] },
      { category: "monitor-storage", isUsed: false, fees: [] },
    ]);
    expect(catalogue.toRead(prices({ monitor: "1", "monitor-storage": "1" }))).toMatchObject([
      { category: "monitor", isUsed: false, fees: [] },
      { category: "monitor-storage", isUsed: false, fees: [] },
    ]);
  });

  it("is what a roll-up contains, where its use is not seen in it", () => {
    const read = namesToRead({
      monitor: "1",
      "monitor-storage": "1",
      "monitor-reads": "2",
      "monitor-writes": "-2",
    });
    expect(read).toEqual(["monitor", "monitor-storage", "monitor-reads", "monitor-writes"]);
  });

  it("tells when any service was charged and used, for any charges, and nothing less would", () => {
    const leaves = USAGE_CATEGORIES.filter(
      ({ name }) => !USAGE_CATEGORIES.some(({ parent }) => parent === name),
    );
    const anyCharges = fc.array(
      fc.record({ day: fc.nat(4), leaf: fc.constantFrom(...leaves.map(({ name }) => name)) }),
      { minLength: 1, maxLength: 15 },
    );
    fc.assert(
      fc.property(anyCharges, (charges) => {
        const days = [0, 1, 2, 3, 4].map(() => new Map<string, Decimal>());
        const all = new Map<string, Decimal>();
        for (const [number, { day, leaf }] of charges.entries()) {
          const price: Decimal = parseDecimal(String(2 ** number)) ?? ZERO;
          for (const name of [leaf, ...rollupsOf(leaf)]) {
            for (const book of [all, days[day]]) book?.set(name, add(book.get(name) ?? ZERO, price));
          }
        }
        const toRead = catalogue.toRead(all);
        for (const prices of days) {
          const charged = catalogue.charged(prices);
          for (const { slug } of USAGE_SERVICES) {
            const read = toRead.filter(({ service }) => service.slug === slug);
            const truth = charged.get(slug);
            expect(read.some(({ category }) => prices.has(category))).toBe(truth !== undefined);
            const rests = read
              .filter(({ isUsed, category }) => isUsed && prices.has(category))
              .map(({ category, fees }) =>
                fees.reduce<Decimal>(
                  (rest, fee) => subtract(rest, prices.get(fee) ?? ZERO),
                  prices.get(category) ?? ZERO,
                ),
              );
            expect(rests.some((rest) => rest !== ZERO)).toBe(truth?.isUsed === true);
            const used = charges.some(
              ({ day, leaf }) =>
                days[day] === prices &&
                !catalogue.isPassive(leaf) &&
                [leaf, ...rollupsOf(leaf)].some(
                  (name) => catalogue.serviceOf(name).slug === slug && !catalogue.isPassive(name),
                ),
            );
            expect(truth?.isUsed === true).toBe(used);
          }
        }
        for (const { category, service } of toRead) {
          const above = toRead.filter((other) => rollupsOf(category).includes(other.category));
          for (const other of above) {
            if (other.service === service) expect(catalogue.isPassive(category)).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
