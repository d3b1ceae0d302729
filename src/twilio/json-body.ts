import { malformedAnswer } from "./answer-error.js";

/**
 * @param json as Twilio sent it
 * @throws TwilioTransportError `MALFORMED` where it is no JSON: a proxy's page, or a body that was cut
 */
export function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw malformedAnswer();
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
