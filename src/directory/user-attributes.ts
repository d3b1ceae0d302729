/** RFC 7643 §4.3. */
export const ENTERPRISE_USER_SCHEMA = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** RFC 7643 §4.1.1, `name`. */
export interface Name {
  readonly formatted?: string;
  readonly familyName?: string;
  readonly givenName?: string;
  readonly middleName?: string;
  readonly honorificPrefix?: string;
  readonly honorificSuffix?: string;
}

/** One value of `emails`, `phoneNumbers`, `ims`, `photos`, `roles` or `x509Certificates` (RFC 7643 §2.4). */
export interface MultiValue {
  readonly value?: string;
  readonly display?: string;
  readonly type?: string;
  readonly primary?: boolean;
}

/** RFC 7643 §4.1.2, `addresses`. */
export interface Address {
  readonly formatted?: string;
  readonly streetAddress?: string;
  readonly locality?: string;
  readonly region?: string;
  readonly postalCode?: string;
  readonly country?: string;
  readonly type?: string;
  readonly primary?: boolean;
}

/** RFC 7643 §4.3. */
export interface EnterpriseAttributes {
  readonly employeeNumber?: string;
  readonly costCenter?: string;
  readonly organization?: string;
  readonly division?: string;
  readonly department?: string;
  readonly manager?: { readonly value?: string; readonly $ref?: string; readonly displayName?: string };
}

/**
 * What a provider can write about a user and Twilio cannot hold, in the form of RFC 7643 §4.1 and §4.3. An attribute
 * without a value is absent: never null, never an empty array.
 */
export interface UserAttributes {
  readonly userName: string;
  readonly externalId?: string;
  readonly name?: Name;
  readonly displayName?: string;
  readonly nickName?: string;
  readonly profileUrl?: string;
  readonly title?: string;
  readonly userType?: string;
  readonly preferredLanguage?: string;
  readonly locale?: string;
  readonly timezone?: string;
  readonly emails?: readonly MultiValue[];
  readonly phoneNumbers?: readonly MultiValue[];
  readonly ims?: readonly MultiValue[];
  readonly photos?: readonly MultiValue[];
  readonly addresses?: readonly Address[];
  readonly roles?: readonly MultiValue[];
  readonly x509Certificates?: readonly MultiValue[];
  readonly [ENTERPRISE_USER_SCHEMA]?: EnterpriseAttributes;
}

/** The form in which strings without case (RFC 7643 §2.2, `caseExact` false) are compared and indexed. */
export function foldCase(text: string): string {
  // Upper case first: it unites what lower case alone keeps apart (ß and SS, the two forms of sigma).
  const folded = text.toUpperCase().toLowerCase();
  // An index of a hundred thousand names need not keep each of them twice.
  return folded === text ? text : folded;
}
