import { type Account, type AccountSid, parseAccountSid } from "../../src/directory/account.js";
import { type Day, parseDay, type Usage } from "../../src/directory/activity.js";
import type { Group } from "../../src/directory/group.js";
import type {
  CreationIntent,
  Log,
  StoredAccount,
  StoredActivity,
  StoredKeys,
  StoredUser,
} from "../../src/directory/ports.js";
import type { Identity } from "../../src/directory/user.js";
import { ENTERPRISE_USER_SCHEMA, type UserAttributes } from "../../src/directory/user-attributes.js";

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export function sid(n: number): AccountSid {
  const made = parseAccountSid(`AC${n.toString(16).padStart(32, "0")}`);
  if (made === undefined) throw new Error(`No SID can be made of ${n}.`);
  return made;
}

export const OWNER = sid(0xffff_ffff);

/** The account number `n`; what is not said of it is made of the number. */
export function account(n: number, said: Partial<Account> = {}): Account {
  return {
    sid: sid(n),
    friendlyName: `Account ${n}`,
    status: "active",
    type: "Full",
    ownerAccountSid: OWNER,
    dateCreated: 1_700_000_000_000 + n,
    dateUpdated: 1_710_000_000_000 + n,
    ...said,
  };
}

export function row(shown: Account, derivedUserName = shown.friendlyName): StoredAccount {
  return { account: shown, derivedUserName };
}

/** A user as a restart first learns of it, by its row and what was written about it. */
export function loaded(saved: StoredAccount, written?: Identity): StoredUser {
  return { ...saved, keys: written && keysOf(written.attributes) };
}

/** What a user with these attributes is looked up by. */
export function keysOf({ userName, externalId, emails }: UserAttributes): StoredKeys {
  const addresses = (emails ?? []).flatMap(({ value }) => value ?? []);
  return {
    userName,
    ...(externalId !== undefined && { externalId }),
    ...(addresses.length > 0 && { emails: addresses }),
  };
}

export function identity(
  n: number,
  attributes: UserAttributes = { userName: `user${n}@example.com` },
): Identity {
  return { accountSid: sid(n), attributes, friendlyName: `Account ${n}`, updatedAt: 1_720_000_000_000 + n };
}

export function intent(n: number, userName = `user${n}@example.com`): CreationIntent {
  return {
    id: `intent-${n}`,
    friendlyName: `Account ${n}`,
    attributes: { userName },
    active: true,
    askedAt: 1_730_000_000_000 + n,
    askedAtTwilioTime: 1_730_000_000_500 + n,
  };
}

/** The group number `n`, without members; what is not said of it is made of the number. */
export function group(n: number, said: Partial<Group> = {}): Group {
  return {
    id: `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`,
    attributes: { displayName: `Group ${n}` },
    members: new Set(),
    created: 1_750_000_000_000 + n,
    lastModified: 1_760_000_000_000 + n,
    ...said,
  };
}

export function day(text: string): Day {
  const made = parseDay(text);
  if (made === undefined) throw new Error(`${text} is no day.`);
  return made;
}

/** A value for everything that usage tells. */
export const EVERY_USAGE: Required<Usage> = {
  lastActivity: day("2026-11-30"),
  lastActivityExcludingFees: day("2024-02-29"),
  services: [
    {
      service: "sms",
      display: "SMS 💡 \u0000 \ud800",
      lastActivity: day("2026-11-30"),
      lastActivityExcludingFees: day("2024-02-29"),
    },
    { service: "verify", display: "Verify" },
  ],
  spend: { total: "-12345678901234567890.00750", currency: "JPY" },
  recentCharges: { [day("2026-11-29")]: "0.0075", [day("2026-11-30")]: "-1" },
  readUntil: day("2026-12-01"),
};

/** The activity of account number `n`; what is not said of it is made of the number. */
export function activity(n: number, said: Partial<StoredActivity["activity"]> = {}): StoredActivity {
  const asOf = 1_740_000_000_000 + n;
  return {
    accountSid: sid(n),
    activity: { state: "current", usage: EVERY_USAGE, asOf, changedAt: asOf - 1, ...said },
  };
}

/** A value for everything that a provider can write. */
export const EVERY_ATTRIBUTE: Required<UserAttributes> = {
  userName: "ada@example.com",
  externalId: "00u1",
  name: {
    formatted: "Dr Ada K. Lovelace PhD",
    familyName: "Lovelace",
    givenName: "Ada",
    middleName: "K.",
    honorificPrefix: "Dr",
    honorificSuffix: "PhD",
  },
  displayName: "Ada 💡 Lovelace",
  nickName: "Ada",
  profileUrl: "https://example.com/ada",
  title: "Countess",
  userType: "Employee",
  preferredLanguage: "en-GB",
  locale: "en-GB",
  timezone: "Europe/London",
  emails: [
    { value: "ada@example.com", display: "Work", type: "work", primary: true },
    { value: "ada@home.example" },
  ],
  phoneNumbers: [{ value: "tel:+44-20-0000", type: "work", primary: false }],
  ims: [{ value: "ada", type: "xmpp" }],
  photos: [{ value: "https://example.com/ada.png", type: "photo" }],
  addresses: [
    {
      formatted: "12 St James's Square\nLondon",
      streetAddress: "12 St James's Square",
      locality: "London",
      region: "London",
      postalCode: "SW1Y",
      country: "GB",
      type: "work",
      primary: true,
    },
  ],
  roles: [{ value: "admin", display: "Admin" }],
  x509Certificates: [{ value: "MIIB" }],
  [ENTERPRISE_USER_SCHEMA]: {
    employeeNumber: "701984",
    costCenter: "4130",
    organization: "Analytical Engines",
    division: "Notes",
    department: "G",
    manager: { value: "26118915", $ref: "../Users/26118915", displayName: "Charles Babbage" },
  },
};
