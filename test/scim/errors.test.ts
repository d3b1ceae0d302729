import { describe, expect, it } from "@jest/globals";
import SCIMMY from "scimmy";
import { DirectoryError, type DirectoryErrorCode } from "../../src/directory/errors.js";
import { invalidFilter, ScimError, toScimError } from "../../src/scim/errors.js";

describe("an error of the directory or the lifecycle", () => {
  it.each<[DirectoryErrorCode, number, string | undefined]>([
    ["accountNotFound", 404, undefined],
    ["userNameTaken", 409, "uniqueness"],
    ["accountProtected", 403, undefined],
    ["accountNotLinked", 403, undefined],
    ["accountClosed", 400, "mutability"],
    ["suspendedByTwilio", 403, undefined],
    ["parentSuspended", 403, undefined],
    ["subaccountLimit", 403, undefined],
    ["refusedByTwilio", 400, "invalidValue"],
    ["credentialsRefused", 503, undefined],
    ["twilioUnavailable", 503, undefined],
    ["outcomeUnknown", 503, undefined],
    ["directoryNotReady", 503, undefined],
    ["storageUnavailable", 503, undefined],
  ])("%s is %d", (code, status, scimType) => {
    const answer = toScimError(new DirectoryError(code, "Why."));
    expect(answer).toEqual({
      status,
      ...(status === 503 && { retryAfterSeconds: 5 }),
      body: {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
        status: String(status),
        ...(scimType !== undefined && { scimType }),
        detail: "Why.",
      },
    });
  });

  it.each([
    [30, 30],
    [0.2, 1],
    [0, 1],
    [-3, 1],
    [2.5, 3],
  ])("says after how many whole seconds to come back: %d is %d", (retryAfterSeconds, expected) => {
    const error = new DirectoryError("twilioUnavailable", "Why.", { retryAfterSeconds });
    expect(toScimError(error).retryAfterSeconds).toBe(expected);
  });
});

describe("a SCIM error", () => {
  it("is one of scimmy's too", () => {
    expect(invalidFilter("x")).toBeInstanceOf(SCIMMY.Types.Error);
  });

  it("has its status as a string, and its scimType where there is one", () => {
    expect(toScimError(invalidFilter("Why."))).toEqual({
      status: 400,
      body: {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
        status: "400",
        scimType: "invalidFilter",
        detail: "Why.",
      },
    });
    expect(toScimError(new ScimError(405, undefined, "Why.")).body).not.toHaveProperty("scimType");
    expect(toScimError(new ScimError(405, undefined, "Why.")).status).toBe(405);
  });
});

describe("an error that nobody foresaw", () => {
  it.each<[unknown]>([
    [new Error("secret")],
    [new TypeError("secret")],
    ["secret"],
    [{ status: 404, message: "secret" }],
    [undefined],
  ])("is 500, and says nothing about itself: %p", (error) => {
    const answer = toScimError(error);
    expect(answer.status).toBe(500);
    expect(answer.body.status).toBe("500");
    expect(JSON.stringify(answer)).not.toContain("secret");
  });
});
