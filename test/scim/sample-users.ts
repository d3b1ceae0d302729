import fc from "fast-check";
import { type Account, type AccountSid, parseAccountSid } from "../../src/directory/account.js";
import {
  type Activity,
  type Day,
  PENDING_ACTIVITY,
  parseDay,
  type Usage,
} from "../../src/directory/activity.js";
import type { User } from "../../src/directory/user.js";
import {
  type Address,
  ENTERPRISE_USER_SCHEMA,
  type EnterpriseAttributes,
  type MultiValue,
  type Name,
  type UserAttributes,
} from "../../src/directory/user-attributes.js";
import { showAll } from "../../src/scim/members.js";
import type { Resource } from "../../src/scim/resource.js";
import { loadSchemas } from "../../src/scim/schemas.js";
import { servedMembers } from "../../src/scim/user-members.js";
import { userVersion } from "../../src/scim/user-version.js";

export const schemas = loadSchemas();
export const schema = schemas.user;

export function sid(number: number): AccountSid {
  const parsed = parseAccountSid(`AC${number.toString(16).padStart(32, "0")}`);
  if (parsed === undefined) throw new Error("not a SID");
  return parsed;
}

export const OWNER = sid(0xffff);

export function account(change: Partial<Account> = {}): Account {
  return {
    sid: sid(1),
    friendlyName: "Babs Jensen",
    status: "active",
    type: "Full",
    ownerAccountSid: OWNER,
    dateCreated: Date.parse("2010-01-23T04:56:22Z"),
    dateUpdated: Date.parse("2011-05-13T04:42:34Z"),
    ...change,
  };
}

export function user(
  attributes: UserAttributes,
  change: Partial<Account> = {},
  activity: Activity = PENDING_ACTIVITY,
): User {
  return {
    account: account(change),
    identity: undefined,
    attributes,
    activity,
    groups: [],
    lastModified: Date.parse("2011-05-13T04:42:34Z"),
  };
}

/** The resource as a client gets it. */
export function answered(subject: User): Resource {
  const members = servedMembers({ baseUrl: "https://bridge.example/scim/v2", versionOf: userVersion });
  return showAll(members, subject);
}

export function day(text: string): Day {
  const parsed = parseDay(text);
  if (parsed === undefined) throw new Error("not a day");
  return parsed;
}

/** Activity that was read without a failure. */
export function current(usage: Partial<Usage>): Activity {
  return {
    state: "current",
    usage: { services: [], recentCharges: {}, readUntil: day("2026-11-24"), ...usage },
    asOf: Date.parse("2026-11-24T10:20:30Z"),
    changedAt: Date.parse("2026-11-23T00:00:00Z"),
  };
}

/** Of an account that uses Verify, which is charged as SMS too, and pays rent for a telephone number. */
export const BUSY: Activity = current({
  lastActivity: day("2026-11-23"),
  lastActivityExcludingFees: day("2026-11-20"),
  services: [
    { service: "phone-numbers", display: "Phone Numbers", lastActivity: day("2026-11-23") },
    {
      service: "sms",
      display: "SMS",
      lastActivity: day("2026-11-20"),
      lastActivityExcludingFees: day("2026-11-20"),
    },
    {
      service: "verify",
      display: "Verify",
      lastActivity: day("2026-09-01"),
      lastActivityExcludingFees: day("2026-09-01"),
    },
  ],
  spend: { total: "1234.5675", currency: "USD" },
});

/** The full user of RFC 7643 §8.2 and §8.3, as far as it is ours. */
export const BABS: UserAttributes = {
  userName: "bjensen@example.com",
  externalId: "701984",
  name: {
    formatted: "Ms. Barbara J Jensen, III",
    familyName: "Jensen",
    givenName: "Barbara",
    middleName: "Jane",
    honorificPrefix: "Ms.",
    honorificSuffix: "III",
  },
  displayName: "Babs Jensen",
  nickName: "Babs",
  profileUrl: "https://login.example.com/bjensen",
  title: "Tour Guide",
  userType: "Employee",
  preferredLanguage: "en-US",
  locale: "en-US",
  timezone: "America/Los_Angeles",
  emails: [
    { value: "bjensen@example.com", type: "work", primary: true },
    { value: "babs@jensen.org", type: "home" },
  ],
  phoneNumbers: [
    { value: "555-555-5555", type: "work" },
    { value: "555-555-4444", type: "mobile" },
  ],
  ims: [{ value: "someaimhandle", type: "aim" }],
  photos: [
    { value: "https://photos.example.com/profilephoto/72930000000Ccne/F", type: "photo" },
    { value: "https://photos.example.com/profilephoto/72930000000Ccne/T", type: "thumbnail" },
  ],
  addresses: [
    {
      formatted: "100 Universal City Plaza\nHollywood, CA 91608 USA",
      streetAddress: "100 Universal City Plaza",
      locality: "Hollywood",
      region: "CA",
      postalCode: "91608",
      country: "USA",
      type: "work",
      primary: true,
    },
    {
      formatted: "456 Hollywood Blvd\nHollywood, CA 91608 USA",
      streetAddress: "456 Hollywood Blvd",
      locality: "Hollywood",
      region: "CA",
      postalCode: "91608",
      country: "USA",
      type: "home",
    },
  ],
  roles: [{ value: "Tour Guide" }],
  x509Certificates: [{ value: "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx" }],
  [ENTERPRISE_USER_SCHEMA]: {
    employeeNumber: "701984",
    costCenter: "4130",
    organization: "Universal Studios",
    division: "Theme Park",
    department: "Tour Operations",
    manager: {
      value: "26118915-6090-4610-87e4-49d8ca9f808d",
      $ref: "../Users/26118915-6090-4610-87e4-49d8ca9f808d",
      displayName: "John Smith",
    },
  },
};

/** Words that are few, so that they meet, and some that are nasty. */
export const word = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "a",
      "A",
      "ab",
      "Ab",
      "work",
      "home",
      "x@y.z",
      "ß",
      "SS",
      'q"\\',
      "true",
      "null",
      "5",
    ),
  },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 6, unit: "binary" }) },
);

const multiValues: fc.Arbitrary<readonly MultiValue[]> = atMostOnePrimary(
  fc.array(optional<MultiValue>({ value: word, display: word, type: word, primary: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
);

const addresses: fc.Arbitrary<readonly Address[]> = atMostOnePrimary(
  fc.array(
    optional<Address>({
      formatted: word,
      streetAddress: word,
      locality: word,
      region: word,
      postalCode: word,
      country: word,
      type: word,
      primary: fc.boolean(),
    }),
    { minLength: 1, maxLength: 2 },
  ),
);

const nameParts = optional<Name>({
  formatted: word,
  familyName: word,
  givenName: word,
  middleName: word,
  honorificPrefix: word,
  honorificSuffix: word,
});

const enterprise = optional<EnterpriseAttributes>({
  employeeNumber: word,
  costCenter: word,
  organization: word,
  division: word,
  department: word,
  manager: optional<NonNullable<EnterpriseAttributes["manager"]>>({
    value: word,
    $ref: word,
    displayName: word,
  }),
});

/** Any attributes that a provider can have written. */
export const anyAttributes: fc.Arbitrary<UserAttributes> = fc.record(
  {
    userName: word.filter((name) => name.trim() !== ""),
    externalId: word,
    name: nameParts,
    displayName: word,
    nickName: word,
    profileUrl: word,
    title: word,
    userType: word,
    preferredLanguage: word,
    locale: word,
    timezone: word,
    emails: multiValues,
    phoneNumbers: multiValues,
    ims: multiValues,
    photos: multiValues,
    addresses,
    roles: multiValues,
    x509Certificates: multiValues,
    [ENTERPRISE_USER_SCHEMA]: enterprise,
  },
  { requiredKeys: ["userName"], noNullPrototype: true },
);

const anyDay = fc.integer({ min: 1, max: 28 }).map((date) => day(`2026-02-${String(date).padStart(2, "0")}`));

/** Slugs are in lower case, as Twilio's services have them in the bridge. */
const slug = fc.constantFrom("a", "ab", "home", "sms", "verify", "voice", "work");

const anyUsage: fc.Arbitrary<Usage> = fc.record(
  {
    lastActivity: anyDay,
    lastActivityExcludingFees: anyDay,
    services: fc.uniqueArray(
      fc.record(
        { service: slug, display: word, lastActivity: anyDay, lastActivityExcludingFees: anyDay },
        { requiredKeys: ["service", "display"], noNullPrototype: true },
      ),
      { maxLength: 4, selector: ({ service }) => service },
    ),
    spend: fc.record({
      total: fc.tuple(fc.integer(), fc.nat(999_999)).map(([whole, millionths]) => `${whole}.${millionths}`),
      currency: fc.constantFrom("USD", "EUR"),
    }),
    recentCharges: fc.constant({}),
    readUntil: anyDay,
  },
  { requiredKeys: ["services", "recentCharges", "readUntil"], noNullPrototype: true },
);

/** Any activity that an account can have. */
export const anyActivity: fc.Arbitrary<Activity> = fc.oneof(
  fc.constant(PENDING_ACTIVITY),
  fc.record({
    state: fc.constantFrom("current" as const, "stale" as const, "unavailable" as const),
    usage: fc.option(anyUsage, { nil: undefined }),
    asOf: fc.option(fc.integer({ min: 0, max: 2e12 }), { nil: undefined }),
    changedAt: fc.option(fc.integer({ min: 0, max: 2e12 }), { nil: undefined }),
  }),
);

export const anyUser: fc.Arbitrary<User> = fc
  .record({
    activity: anyActivity,
    attributes: anyAttributes,
    sid: fc.integer({ min: 1, max: 9 }).map(sid),
    status: fc.constantFrom("active" as const, "suspended" as const),
    friendlyName: word,
    dateCreated: fc
      .integer({ min: 0, max: 5 })
      .map((day) => Date.parse("2011-05-13T04:42:34Z") + day * 86_400_000),
  })
  .map(({ attributes, activity, ...change }) => user(attributes, change, activity));

/** Some of the members, one at least. */
function optional<T extends object>(
  members: {
    [K in keyof T]-?: fc.Arbitrary<NonNullable<T[K]>>;
  },
): fc.Arbitrary<T> {
  return fc
    .record(members, { requiredKeys: [], noNullPrototype: true })
    .filter((object) => Object.keys(object).length > 0) as fc.Arbitrary<T>;
}

function atMostOnePrimary<T extends { readonly primary?: boolean }>(
  values: fc.Arbitrary<readonly T[]>,
): fc.Arbitrary<readonly T[]> {
  return values.filter((all) => all.filter(({ primary }) => primary === true).length <= 1);
}
