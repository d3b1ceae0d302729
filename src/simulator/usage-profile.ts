/**
 * What the seed makes an account do. Each block of 25 seeded accounts holds every one of these, in an order that the
 * seed shuffles, so that even a small world has all the cases that reading usage has to get right.
 */
export type UsageProfile =
  | "never-used"
  | "busy"
  | "weekly-sms"
  | "weekly-whatsapp"
  | "sms-until-some-months-ago"
  | "calls-until-some-months-ago"
  | "younger-than-a-day"
  | "first-and-last-day"
  | "gap-of-years"
  | "leap-day"
  | "only-fees"
  | "fees-after-use"
  | "only-total-price"
  | "credits"
  | "null-prices"
  | "zero-prices"
  | "unknown-categories"
  | "net-zero"
  | "verify-sms"
  | "once-long-ago"
  | "many-categories";

export const PROFILE_DECK: readonly UsageProfile[] = [
  "never-used",
  "never-used",
  "never-used",
  "never-used",
  "busy",
  "weekly-sms",
  "weekly-sms",
  "weekly-whatsapp",
  "sms-until-some-months-ago",
  "calls-until-some-months-ago",
  "younger-than-a-day",
  "first-and-last-day",
  "gap-of-years",
  "leap-day",
  "only-fees",
  "fees-after-use",
  "only-total-price",
  "credits",
  "null-prices",
  "zero-prices",
  "unknown-categories",
  "net-zero",
  "verify-sms",
  "once-long-ago",
  "many-categories",
];
