import { z } from "zod";
import { ENTERPRISE_USER_SCHEMA, type UserAttributes } from "../directory/user-attributes.js";

const text = z.string().exactOptional();
const flag = z.boolean().exactOptional();

const multiValues = z
  .array(z.object({ value: text, display: text, type: text, primary: flag }))
  .exactOptional();

/** What a JSON column with attributes may hold. What it does not name is dropped, as from a SCIM body. */
export const storedAttributes = z.object({
  userName: z.string(),
  externalId: text,
  name: z
    .object({
      formatted: text,
      familyName: text,
      givenName: text,
      middleName: text,
      honorificPrefix: text,
      honorificSuffix: text,
    })
    .exactOptional(),
  displayName: text,
  nickName: text,
  profileUrl: text,
  title: text,
  userType: text,
  preferredLanguage: text,
  locale: text,
  timezone: text,
  emails: multiValues,
  phoneNumbers: multiValues,
  ims: multiValues,
  photos: multiValues,
  addresses: z
    .array(
      z.object({
        formatted: text,
        streetAddress: text,
        locality: text,
        region: text,
        postalCode: text,
        country: text,
        type: text,
        primary: flag,
      }),
    )
    .exactOptional(),
  roles: multiValues,
  x509Certificates: multiValues,
  [ENTERPRISE_USER_SCHEMA]: z
    .object({
      employeeNumber: text,
      costCenter: text,
      organization: text,
      division: text,
      department: text,
      manager: z.object({ value: text, $ref: text, displayName: text }).exactOptional(),
    })
    .exactOptional(),
  // An attribute that the core gains and this forgets would be lost at the next start: `Required` makes it an error.
} satisfies Record<keyof Required<UserAttributes>, z.ZodType>);
