import type { Account, AccountType, SeededUsage } from "./account.js";
import { accountCredentials } from "./account-credentials.js";
import { friendlyName, NAME_DECK } from "./account-names.js";
import { DAY_MS, dayOf, parseDay } from "./calendar.js";
import { between, createRandom, type Random, shuffled } from "./randomness.js";
import { PROFILE_DECK, type UsageProfile } from "./usage-profile.js";

/**
 * The accounts of a seeded world: the same seed, number and day of start give the same accounts. Ages, closings and
 * charges are relative to that day, whose first instant nothing seeded lies after.
 */
export interface SeededWorld {
  readonly owner: Account;
  /** Oldest first, numbered in that order. The owner is older than all of them. */
  readonly subaccounts: readonly Account[];
}

type StatusPlan = "active" | "suspended" | "suspended-by-twilio" | "closed";

const STATUS_DECK: readonly StatusPlan[] = [
  ...Array<StatusPlan>(18).fill("active"),
  ...Array<StatusPlan>(3).fill("suspended"),
  ...Array<StatusPlan>(2).fill("suspended-by-twilio"),
  ...Array<StatusPlan>(2).fill("closed"),
];
const TYPE_DECK: readonly AccountType[] = [
  ...Array<AccountType>(20).fill("Full"),
  ...Array<AccountType>(5).fill("Trial"),
];
const CURRENCY_DECK: readonly string[] = [...Array<string>(21).fill("usd"), "eur", "eur", "gbp", "gbp"];

const OWNER_AGE_DAYS = 3000;
const CLOSED_WITHIN_DAYS = 29;

export function seedAccounts(options: {
  seed: number;
  accounts: number;
  startDay: number;
  owner: { sid: string; authToken: string; type: AccountType };
}): SeededWorld {
  const { seed, startDay } = options;
  const decks = {
    profile: createDeck(seed, "profile", PROFILE_DECK),
    name: createDeck(seed, "name", NAME_DECK),
    status: createDeck(seed, "status", STATUS_DECK),
    type: createDeck(seed, "type", TYPE_DECK),
    currency: createDeck(seed, "currency", CURRENCY_DECK),
  };
  const subaccounts = Array.from({ length: options.accounts }, (_, index): SeededAccount => {
    const random = createRandom(seed, "account", index);
    const { sid, authToken } = accountCredentials(seed, "seeded", index);
    const profile = decks.profile(index);
    const plannedStatus = decks.status(index);
    const createdAtMs = creation(profile, random, startDay);
    const status = profile === "younger-than-a-day" ? "active" : plannedStatus;
    const closedAtMs = status === "closed" ? closing(random, startDay) : undefined;
    const firstDay = dayOf(createdAtMs);
    const lastDay = closedAtMs === undefined ? startDay : dayOf(closedAtMs);
    return {
      sid,
      authToken,
      sequence: 0,
      createdAtMs,
      seeded: { index, profile, firstDay, lastDay },
      friendlyName: friendlyName(decks.name(index), random),
      type: decks.type(index),
      status: status === "suspended-by-twilio" ? "suspended" : status,
      suspendedByTwilio: status === "suspended-by-twilio",
      updatedAtMs: closedAtMs ?? createdAtMs,
      closedAtMs,
      currency: decks.currency(index),
    };
  });
  subaccounts.sort((a, b) => a.createdAtMs - b.createdAtMs || a.seeded.index - b.seeded.index);
  for (const [position, account] of subaccounts.entries()) account.sequence = position + 1;
  return { owner: ownerAccount(options), subaccounts };
}

type SeededAccount = Account & { readonly seeded: SeededUsage };

function ownerAccount(options: {
  startDay: number;
  owner: { sid: string; authToken: string; type: AccountType };
}): Account {
  const firstDay = options.startDay - OWNER_AGE_DAYS;
  const seeded: SeededUsage = { index: -1, profile: "weekly-sms", firstDay, lastDay: options.startDay };
  return {
    ...options.owner,
    sequence: 0,
    createdAtMs: firstDay * DAY_MS,
    seeded,
    friendlyName: "Owner Account",
    status: "active",
    suspendedByTwilio: false,
    updatedAtMs: firstDay * DAY_MS,
    closedAtMs: undefined,
    currency: "usd",
  };
}

function creation(profile: UsageProfile, random: Random, startDay: number): number {
  const timeOfDayMs = between(random, 0, DAY_MS / 1000 - 1) * 1000;
  const at = (day: number) => day * DAY_MS + timeOfDayMs;
  switch (profile) {
    case "younger-than-a-day":
      return startDay * DAY_MS;
    case "leap-day":
      return at(lastLeapDay(startDay) - between(random, 30, 400));
    case "gap-of-years":
      return at(startDay - between(random, 1200, 2400));
    case "once-long-ago":
      return at(startDay - between(random, 700, 2400));
    default:
      return at(startDay - between(random, 40, 1300));
  }
}

function closing(random: Random, startDay: number): number {
  const secondsAgo = between(random, 3600, CLOSED_WITHIN_DAYS * 86_400);
  return startDay * DAY_MS - secondsAgo * 1000;
}

/** The latest 29 February before the given day. */
export function lastLeapDay(beforeDay: number): number {
  for (let year = new Date(beforeDay * DAY_MS).getUTCFullYear(); ; year -= 1) {
    const day = parseDay(`${year}-02-29`);
    if (day !== undefined && day < beforeDay) return day;
  }
}

/** Deals a deck out over and over, shuffled anew each time. */
function createDeck<T>(seed: number, purpose: string, cards: readonly T[]): (index: number) => T {
  let dealt: { block: number; cards: readonly T[] } = { block: -1, cards };
  return (index) => {
    const block = Math.floor(index / cards.length);
    if (dealt.block !== block) {
      dealt = { block, cards: shuffled(createRandom(seed, purpose, block), cards) };
    }
    const card = dealt.cards[index % cards.length];
    if (card === undefined) throw new RangeError(`No card at ${index}: a deck must not be empty.`);
    return card;
  };
}
