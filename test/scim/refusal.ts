import { ScimError } from "../../src/scim/errors.js";

/** The error that `action` is refused with. */
export function refusal(action: () => unknown): { status: number; scimType: string; detail: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof ScimError) {
      return { status: error.status, scimType: error.scimType, detail: error.message };
    }
    throw error;
  }
  throw new Error("It was accepted.");
}
