import { z } from "zod";
import { ENTERPRISE_USER_SCHEMA, type UserAttributes } from "../directory/user-attributes.js";
import { createSharing } from "./sharing.js";

const text = z.string().exactOptional();
const flag = z.boolean().exactOptional();

/**
 * What a JSON column with attributes may hold. What it does not name is dropped, as from a SCIM body. Texts come out as one
 * where they are equal and of a kind that many users have in common.
 */
export function storedAttributes(): z.ZodType<UserAttributes> {
  const common = z
    .string()
    .transform(createSharing<string>((value) => value))
    .exactOptional();
  const multiValues = z
    .array(z.object({ value: text, display: text, type: common, primary: flag }))
    .exactOptional();
  const addresses = z
    .array(
      z.object({
        formatted: text,
        streetAddress: text,
        locality: common,
        region: common,
        postalCode: common,
        country: common,
        type: common,
        primary: flag,
      }),
    )
    .exactOptional();
  return z.object({
    userName: z.string(),
    externalId: text,
    name: z
      .object({
        formatted: text,
        familyName: text,
        givenName: text,
        middleName: text,
        honorificPrefix: common,
        honorificSuffix: common,
      })
      .exactOptional(),
    displayName: text,
    nickName: text,
    profileUrl: text,
    title: common,
    userType: common,
    preferredLanguage: common,
    locale: common,
    timezone: common,
    emails: multiValues,
    phoneNumbers: multiValues,
    ims: multiValues,
    photos: multiValues,
    addresses,
    roles: multiValues,
    x509Certificates: multiValues,
    [ENTERPRISE_USER_SCHEMA]: z
      .object({
        employeeNumber: text,
        costCenter: common,
        organization: common,
        division: common,
        department: common,
        manager: z.object({ value: common, $ref: common, displayName: common }).exactOptional(),
      })
      .exactOptional(),
    // An attribute that the core gains and this forgets would be lost at the next start: `Required` makes it an error.
  } satisfies Record<keyof Required<UserAttributes>, z.ZodType>);
}
