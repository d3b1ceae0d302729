import { ScimError } from "../../src/scim/errors.js";

interface Refusal {
  readonly status: number;
  readonly scimType: string;
  readonly detail: string;
}

/** The error that `action` is refused with. */
export function refusal(action: () => unknown): Refusal {
  try {
    action();
  } catch (error) {
    return told(error);
  }
  throw new Error("It was accepted.");
}

/** The error that what was asked is refused with. */
export async function lateRefusal(asked: Promise<unknown>): Promise<Refusal> {
  try {
    await asked;
  } catch (error) {
    return told(error);
  }
  throw new Error("It was accepted.");
}

function told(error: unknown): Refusal {
  if (!(error instanceof ScimError)) throw error;
  return { status: error.status, scimType: error.scimType, detail: error.message };
}
