import type { SeededUsage } from "./account.js";
import { monthOf } from "./calendar.js";
import { type Categories, TOTAL_PRICE } from "./categories.js";
import type { Charge } from "./charge.js";
import { between, createRandom, type Random, shuffled } from "./randomness.js";
import { lastLeapDay } from "./seeded-accounts.js";
import type { UsageProfile } from "./usage-profile.js";

/** Charges of a seeded account, by day: the same seed and account give the same charges. */
export type SeededCharges = (usage: SeededUsage) => Charge[];

/** What a profile's story is told with. */
interface Story {
  readonly first: number;
  readonly last: number;
  readonly random: Random;
  readonly categories: Categories;
  /** Some day of the account's life. */
  someDay(): number;
  /** A charge at a price that fits; several on one day add up. */
  charge(day: number, category: string): void;
  /** A charge at a given price. */
  priced(day: number, category: string, priceMicros: number | null): void;
}

export function createSeededCharges(seed: number, categories: Categories): SeededCharges {
  return (usage) => {
    const charges: Charge[] = [];
    const random = createRandom(seed, "charges", usage.index);
    const priced = (day: number, category: string, priceMicros: number | null) => {
      if (day < usage.firstDay || day > usage.lastDay) return;
      const count = between(random, 1, 40);
      const { alsoIn } = categories.describe(category);
      charges.push({
        id: `seeded-${charges.length}`,
        day,
        category,
        alsoIn: alsoIn === undefined ? [] : [alsoIn],
        priceMicros,
        usage: count + between(random, 0, 20),
        count,
      });
    };
    const story: Story = {
      first: usage.firstDay,
      last: usage.lastDay,
      random,
      categories,
      someDay: () => between(random, usage.firstDay, usage.lastDay),
      charge: (day, category) => priced(day, category, between(random, 1, 400) * 2500),
      priced,
    };
    STORIES[usage.profile](story);
    return charges.sort((a, b) => a.day - b.day);
  };
}

const STORIES: Readonly<Record<UsageProfile, (story: Story) => void>> = {
  "never-used": () => {},
  busy,
  "weekly-sms": (story) => regularly(story, "sms-outbound-longcode", 7),
  "weekly-whatsapp": (story) => regularly(story, "channels-whatsapp-outbound", 7),
  "sms-until-some-months-ago": (story) => regularly(someMonthsShorter(story), "sms-outbound-shortcode", 3),
  "calls-until-some-months-ago": (story) => regularly(someMonthsShorter(story), "calls-outbound", 5),
  "younger-than-a-day": ({ first, random, charge }) => {
    if (random() < 0.5) charge(first, "sms-outbound-longcode");
  },
  "first-and-last-day": ({ first, last, charge }) => {
    charge(first, "calls-inbound-local");
    charge(last, "calls-inbound-local");
  },
  "gap-of-years": (story) => {
    const { first, last } = story;
    regularly({ ...story, last: first + 20 }, "mms-outbound-longcode", 4);
    regularly({ ...story, first: last - 20 }, "studio-engagements", 4);
  },
  "leap-day": ({ last, charge }) => charge(lastLeapDay(last), "verify-totp"),
  "only-fees": monthlyFees,
  "fees-after-use": (story) => {
    const { first, last } = story;
    regularly({ ...story, last: Math.floor((first + last) / 2) }, "calls-sip-outbound", 9);
    monthlyFees(story);
  },
  "only-total-price": ({ someDay, charge }) => {
    for (let i = 0; i < 4; i += 1) charge(someDay(), TOTAL_PRICE);
  },
  credits,
  "null-prices": ({ last, someDay, charge, priced }) => {
    charge(someDay(), "transcriptions");
    for (let i = 0; i < 5; i += 1) priced(last - i, "transcriptions", null);
    priced(last, "speech-recognition", null);
  },
  "zero-prices": ({ last, someDay, charge, priced }) => {
    charge(someDay(), "monitor-writes");
    for (let i = 0; i < 5; i += 1) priced(last - i, "monitor-reads", 0);
  },
  "unknown-categories": ({ categories, someDay, charge }) => {
    for (const category of categories.madeUp) charge(someDay(), category);
  },
  "net-zero": netZero,
  "verify-sms": ({ someDay, charge }) => {
    charge(someDay(), "verify-voice-and-sms");
    charge(someDay(), "authy-sms-outbound");
  },
  "once-long-ago": ({ first, random, charge }) => charge(first + between(random, 0, 60), "carrier-lookups"),
  "many-categories": ({ categories, random, someDay, charge }) => {
    for (const category of shuffled(random, categories.leaves).slice(0, 20)) {
      for (let i = between(random, 1, 3); i > 0; i -= 1) charge(someDay(), category);
    }
  },
};

function busy(story: Story): void {
  const { first, last, random, charge } = story;
  for (let day = first; day <= last; day += 1) {
    if (random() < 0.7) charge(day, "sms-outbound-longcode");
    if (random() < 0.5) charge(day, "sms-inbound-longcode");
    if (random() < 0.5) charge(day, "calls-outbound");
    if (random() < 0.3) charge(day, "calls-inbound-tollfree-mobile");
    if (random() < 0.2) charge(day, "recordings-encrypted");
  }
  monthlyFees(story);
}

function regularly({ first, last, random, charge }: Story, category: string, everyDays: number): void {
  for (let day = first; day <= last; day += between(random, 1, 2 * everyDays - 1)) charge(day, category);
}

function someMonthsShorter(story: Story): Story {
  return { ...story, last: story.last - between(story.random, 90, 300) };
}

/** Rent of a number on the first of each month, as long as the account lives. */
function monthlyFees({ first, last, priced }: Story): void {
  for (let day = monthOf(first).to + 1; day <= last; day = monthOf(day).to + 1) {
    priced(day, "phonenumbers-local", 1_150_000);
  }
}

/** A few charges, and a credit as the last thing that happened. */
function credits({ first, last, random, charge, priced }: Story): void {
  const creditDay = last - between(random, 0, 10);
  for (let i = 0; i < 4; i += 1) charge(between(random, first, creditDay - 1), "calls-client");
  priced(creditDay, "calls-client", -between(random, 1, 100) * 7500);
}

/** A category whose charge was given back on a later day, beside another that stays charged. */
function netZero({ first, last, random, priced, charge }: Story): void {
  const price = between(random, 1, 100) * 10_000;
  const chargedOn = between(random, first, last - 2);
  priced(chargedOn, "proxy-active-sessions", price);
  priced(between(random, chargedOn + 1, last - 1), "proxy-active-sessions", -price);
  charge(first, "sync-actions");
}
