import { expect } from "@jest/globals";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
  readonly body: unknown;
}

/** Expects an answer with an error as RFC 7644 §3.12 has it, and nothing else in it. */
export function expectScimError({ status, headers, body }: Answer, wanted: number, scimType?: string): void {
  expect({ status, body }).toEqual({
    status: wanted,
    body: {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: String(wanted),
      detail: expect.stringMatching(/\S/),
      ...(scimType !== undefined && { scimType }),
    },
  });
  const contentType =
    headers instanceof Map
      ? headers.get("content-type")
      : new Map(Object.entries(headers)).get("content-type");
  expect(contentType).toMatch(/^application\/scim\+json(;|$)/);
}
