import { describe, expect, it } from "@jest/globals";
import { cutFriendlyName, friendlyNameFor } from "../../src/directory/friendly-name.js";
import { attributes } from "../support/example-accounts.js";

describe("the name of an account at Twilio", () => {
  it.each([
    ["displayName", attributes("u", { displayName: " D ", name: { formatted: "F" } }), "D"],
    ["name.formatted", attributes("u", { name: { formatted: "F", givenName: "G", familyName: "N" } }), "F"],
    ["given and family name", attributes("u", { name: { givenName: "G", familyName: "N" } }), "G N"],
    ["family name alone", attributes("u", { name: { familyName: "N" } }), "N"],
    ["userName", attributes("u", { name: { middleName: "M" } }), "u"],
    [
      "userName, where all others are blank",
      attributes("u", { displayName: " ", name: { formatted: "" } }),
      "u",
    ],
  ])("is the %s", (_what, written, expected) => {
    expect(friendlyNameFor(written)).toBe(expected);
  });

  it("keeps 64 characters", () => {
    expect(cutFriendlyName("x".repeat(64))).toBe("x".repeat(64));
    expect(cutFriendlyName("x".repeat(65))).toBe("x".repeat(64));
  });

  it("counts code points and cuts no surrogate pair in two", () => {
    expect(cutFriendlyName("💡".repeat(64))).toBe("💡".repeat(64));
    expect(cutFriendlyName(`x${"💡".repeat(64)}`)).toBe(`x${"💡".repeat(63)}`);
  });
});
