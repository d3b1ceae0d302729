import { describe, expect, it } from "@jest/globals";
import { deriveAttributes } from "../../src/directory/derived-attributes.js";
import { account, sid } from "../support/example-accounts.js";

function derived(friendlyName: string, emailDomain?: string) {
  return deriveAttributes(account(1, { friendlyName }), "the userName", emailDomain);
}

describe("attributes of an account that nobody has written to", () => {
  it("split the friendly name into a given name and the rest", () => {
    expect(derived("Ada King  Lovelace")).toEqual({
      userName: "the userName",
      displayName: "Ada King  Lovelace",
      name: { formatted: "Ada King  Lovelace", givenName: "Ada", familyName: "King Lovelace" },
    });
  });

  it("have the family name Subaccount where the friendly name is one word", () => {
    expect(derived("Marketing").name).toEqual({
      formatted: "Marketing",
      givenName: "Marketing",
      familyName: "Subaccount",
    });
  });

  it.each(["", "   "])("are called by the userName where the friendly name is %j", (friendlyName) => {
    expect(derived(friendlyName)).toMatchObject({
      displayName: "the userName",
      name: { formatted: "the userName", givenName: "the", familyName: "userName" },
    });
  });

  it.each(["ada@example.com", "Ada.Lovelace+twilio@Mail.example.com"])(
    "have the e-mail address that the friendly name %j is",
    (friendlyName) => {
      const emails = [{ value: friendlyName, type: "work", primary: true }];
      expect(derived(friendlyName).emails).toEqual(emails);
      expect(derived(friendlyName, "accounts.example").emails).toEqual(emails);
    },
  );

  it.each([
    "Ada",
    "ada@example",
    "Ada <ada@example.com>",
    "ada @example.com",
    "a@b@example.com",
    "@example.com",
  ])("have no e-mail address where the friendly name is %j and there is no EMAIL_DOMAIN", (friendlyName) => {
    expect(derived(friendlyName)).not.toHaveProperty("emails");
  });

  it("have an address of the SID in lower case at EMAIL_DOMAIN where the friendly name is none", () => {
    expect(derived("Ada", "accounts.example").emails).toEqual([
      { value: `${sid(1).toLowerCase()}@accounts.example`, type: "work", primary: true },
    ]);
  });
});
