import type { GroupOfUser } from "../directory/group.js";
import type { User } from "../directory/user.js";
import {
  type Address,
  ENTERPRISE_USER_SCHEMA,
  type EnterpriseAttributes,
  type MultiValue,
  type Name,
} from "../directory/user-attributes.js";
import { groupAddress, userAddress } from "./addresses.js";
import { type Entitlement, userEntitlements } from "./entitlements.js";
import { complex, instant, type Member, type MemberList, part, plain, plainMembers } from "./members.js";
import { TWILIO_MEMBERS, TWILIO_USER_SCHEMA } from "./twilio-extension.js";

/** RFC 7643 §4.1. */
export const USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";

/** Twilio's extension always has data. */
const BARE_SCHEMAS: readonly string[] = [USER_SCHEMA, TWILIO_USER_SCHEMA];
const ENTERPRISE_SCHEMAS: readonly string[] = [USER_SCHEMA, ENTERPRISE_USER_SCHEMA, TWILIO_USER_SCHEMA];

const NAME_MEMBERS = plainMembers<Name>({
  formatted: ({ formatted }) => formatted,
  familyName: ({ familyName }) => familyName,
  givenName: ({ givenName }) => givenName,
  middleName: ({ middleName }) => middleName,
  honorificPrefix: ({ honorificPrefix }) => honorificPrefix,
  honorificSuffix: ({ honorificSuffix }) => honorificSuffix,
});

const MULTI_VALUE_MEMBERS = plainMembers<MultiValue>({
  value: ({ value }) => value,
  display: ({ display }) => display,
  type: ({ type }) => type,
  primary: ({ primary }) => primary,
});

const ADDRESS_MEMBERS = plainMembers<Address>({
  formatted: ({ formatted }) => formatted,
  streetAddress: ({ streetAddress }) => streetAddress,
  locality: ({ locality }) => locality,
  region: ({ region }) => region,
  postalCode: ({ postalCode }) => postalCode,
  country: ({ country }) => country,
  type: ({ type }) => type,
  primary: ({ primary }) => primary,
});

const ENTITLEMENT_MEMBERS = plainMembers<Entitlement>({
  value: ({ value }) => value,
  display: ({ display }) => display,
  type: ({ type }) => type,
});

const MANAGER_MEMBERS = plainMembers<NonNullable<EnterpriseAttributes["manager"]>>({
  value: ({ value }) => value,
  $ref: ({ $ref }) => $ref,
  displayName: ({ displayName }) => displayName,
});

const ENTERPRISE_MEMBERS: MemberList<EnterpriseAttributes> = new Map<string, Member<EnterpriseAttributes>>([
  ["employeeNumber", plain(({ employeeNumber }) => employeeNumber)],
  ["costCenter", plain(({ costCenter }) => costCenter)],
  ["organization", plain(({ organization }) => organization)],
  ["division", plain(({ division }) => division)],
  ["department", plain(({ department }) => department)],
  ["manager", plain(({ manager }) => manager, MANAGER_MEMBERS)],
]);

/** RFC 7643 §4.1.2. */
const GROUP_MEMBERS: MemberList<GroupOfUser> = new Map<string, Member<GroupOfUser>>([
  ["value", plain(({ id }) => id)],
  ["display", plain(({ attributes }) => attributes.displayName)],
  ["type", plain(() => "direct")],
]);

/** RFC 7643 §3.1. */
const META_MEMBERS: MemberList<User> = new Map<string, Member<User>>([
  ["resourceType", plain(() => "User")],
  ["created", instant(({ account }) => account.dateCreated)],
  ["lastModified", instant(({ lastModified }) => lastModified)],
]);

/**
 * Everything that a user's resource has, in the order of the schemas, without what depends on the address that was asked,
 * and without its version, which is made of all this.
 */
export const USER_MEMBERS: MemberList<User> = new Map<string, Member<User>>([
  [
    "schemas",
    plain(({ attributes }) =>
      attributes[ENTERPRISE_USER_SCHEMA] === undefined ? BARE_SCHEMAS : ENTERPRISE_SCHEMAS,
    ),
  ],
  ["id", plain(({ account }) => account.sid)],
  ["externalId", plain(({ attributes }) => attributes.externalId)],
  ["userName", plain(({ attributes }) => attributes.userName)],
  ["name", plain(({ attributes }) => attributes.name, NAME_MEMBERS)],
  ["displayName", plain(({ attributes }) => attributes.displayName)],
  ["nickName", plain(({ attributes }) => attributes.nickName)],
  ["profileUrl", plain(({ attributes }) => attributes.profileUrl)],
  ["title", plain(({ attributes }) => attributes.title)],
  ["userType", plain(({ attributes }) => attributes.userType)],
  ["preferredLanguage", plain(({ attributes }) => attributes.preferredLanguage)],
  ["locale", plain(({ attributes }) => attributes.locale)],
  ["timezone", plain(({ attributes }) => attributes.timezone)],
  ["active", plain(({ account }) => account.status === "active")],
  ["emails", plain(({ attributes }) => attributes.emails, MULTI_VALUE_MEMBERS)],
  ["phoneNumbers", plain(({ attributes }) => attributes.phoneNumbers, MULTI_VALUE_MEMBERS)],
  ["ims", plain(({ attributes }) => attributes.ims, MULTI_VALUE_MEMBERS)],
  ["photos", plain(({ attributes }) => attributes.photos, MULTI_VALUE_MEMBERS)],
  ["addresses", plain(({ attributes }) => attributes.addresses, ADDRESS_MEMBERS)],
  ["groups", complex(enteredGroups, GROUP_MEMBERS)],
  ["entitlements", plain(userEntitlements, ENTITLEMENT_MEMBERS)],
  ["roles", plain(({ attributes }) => attributes.roles, MULTI_VALUE_MEMBERS)],
  ["x509Certificates", plain(({ attributes }) => attributes.x509Certificates, MULTI_VALUE_MEMBERS)],
  [ENTERPRISE_USER_SCHEMA, plain(({ attributes }) => attributes[ENTERPRISE_USER_SCHEMA], ENTERPRISE_MEMBERS)],
  [TWILIO_USER_SCHEMA, part(TWILIO_MEMBERS)],
  ["meta", part(META_MEMBERS)],
]);

export interface ServedMembersOptions {
  /** The address of the SCIM service, without a slash at the end. */
  readonly baseUrl: string;
  /** The `meta.version` of a user. */
  readonly versionOf: (user: User) => string;
}

/** The members of a user as it is served at an address, in the order of USER_MEMBERS. */
export function servedMembers({ baseUrl, versionOf }: ServedMembersOptions): MemberList<User> {
  const groups: MemberList<GroupOfUser> = new Map<string, Member<GroupOfUser>>([
    ["value", plain(({ id }) => id)],
    ["$ref", plain(({ id }) => groupAddress(id, baseUrl))],
    ...GROUP_MEMBERS,
  ]);
  const meta: MemberList<User> = new Map<string, Member<User>>([
    ...META_MEMBERS,
    ["location", plain(({ account }) => userAddress(account.sid, baseUrl))],
    ["version", plain(versionOf)],
  ]);
  return new Map([...USER_MEMBERS, ["groups", complex(enteredGroups, groups)], ["meta", part(meta)]]);
}

function enteredGroups({ groups }: User): readonly GroupOfUser[] | undefined {
  return groups.length > 0 ? groups : undefined;
}
