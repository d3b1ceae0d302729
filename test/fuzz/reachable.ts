import type { Cell } from "./coverage.js";
import { FUZZ_ROUTES, UNKNOWN_PATH } from "./routes.js";

/**
 * Every answer that a request can get, as the routes, RFC 7644 and RFC 9865 have it. A cell that the fuzzer reaches and
 * that is not here is as wrong as one that is here and is never reached.
 */
export const REACHABLE: ReadonlySet<Cell> = new Set([
  ...FUZZ_ROUTES.filter(({ methods }) => methods.length > 0).flatMap(({ template, methods }) => [
    ...cells(`OPTIONS ${template}`, "204", ...refusals(template)),
    ...cells(`OTHER ${template}`, "405", ...refusals(template)),
    ...methods.flatMap((method) => cells(`${method} ${template}`, ...refusals(template))),
  ]),
  ...cells("ANY /Me", "501", ...refusals("/Me")),
  ...cells(`ANY ${UNKNOWN_PATH}`, "404", ...refusals(UNKNOWN_PATH)),
  ...discovery(),
  ...lists(),
  ...resources(),
  ...bulk(),
]);

/** The same label with each answer: a status, and a scimType behind it where there is one. */
function cells(label: string, ...answers: readonly string[]): readonly Cell[] {
  return answers.map((answer) => `${label} ${answer}${answer.includes(" ") ? "" : " -"}`);
}

/** What comes before the route: a token that is wrong, and an Accept header that cannot be fulfilled. */
function refusals(template: string): readonly string[] {
  return template === "/ServiceProviderConfig" ? ["406"] : ["401", "406"];
}

/** 400 with each of these keywords. */
function bad(...scimTypes: readonly string[]): readonly string[] {
  return scimTypes.map((scimType) => `400 ${scimType}`);
}

/** RFC 7644 §4: a filter is refused with 403. */
function discovery(): readonly Cell[] {
  return ["GET", "HEAD"].flatMap((method) => [
    ...cells(`${method} /ServiceProviderConfig`, "200", "403"),
    ...["/Schemas", "/ResourceTypes"].flatMap((path) => [
      ...cells(`${method} ${path}`, "200", "403"),
      ...cells(`${method} ${path}/{id}`, "200", "403", "404"),
    ]),
  ]);
}

/** RFC 7644 §3.4.2 and §3.4.3. 503: the accounts have not been read yet. */
function lists(): readonly Cell[] {
  const query = bad(
    "invalidCount",
    "invalidCursor",
    "expiredCursor",
    "invalidFilter",
    "invalidPath",
    "invalidValue",
  );
  const body = [...bad("invalidSyntax"), "413", "415"];
  return [
    ...["/", "/Users", "/Groups"].flatMap((path) => [
      ...cells(`GET ${path}`, "200", ...query, "503"),
      ...cells(`HEAD ${path}`, "200", "400", "503"),
    ]),
    ...["/AccountTypes", "/AccountServices"].flatMap((path) => [
      ...cells(`GET ${path}`, "200", ...query),
      ...cells(`HEAD ${path}`, "200", "400"),
      ...cells(`GET ${path}/{id}`, "200", ...bad("invalidPath", "invalidValue"), "404"),
      ...cells(`HEAD ${path}/{id}`, "200", "400", "404"),
      ...cells(`POST ${path}/.search`, "200", ...query, ...body),
    ]),
    ...["", "/Users", "/Groups"].flatMap((path) =>
      cells(`POST ${path}/.search`, "200", ...query, ...body, "503"),
    ),
  ];
}

/** RFC 7644 §3.3 to §3.6. 503: Twilio or the database fails, or the accounts have not been read yet. */
function resources(): readonly Cell[] {
  const projection = bad("invalidFilter", "invalidPath", "invalidValue");
  const body = [...projection, ...bad("invalidSyntax"), "413", "415"];
  return [
    ...["/Users/{id}", "/Groups/{id}"].flatMap((path) => [
      ...cells(`GET ${path}`, "200", "304", ...projection, "404", "503"),
      ...cells(`HEAD ${path}`, "200", "304", "400", "404", "503"),
      ...cells(`PUT ${path}`, "200", ...body, "404", "409 uniqueness", "412", "503"),
      ...cells(
        `PATCH ${path}`,
        "200",
        ...body,
        ...bad("mutability", "noTarget"),
        "404",
        "409 uniqueness",
        "412",
        "503",
      ),
      ...cells(`DELETE ${path}`, "204", "404", "412", "503"),
    ]),
    ...["/Users", "/Groups"].flatMap((path) =>
      cells(`POST ${path}`, "201", ...body, "409 uniqueness", "503"),
    ),
    // A path as the name of an attribute may select what a user does not have.
    ...cells("POST /Users", ...bad("noTarget")),
    // A closed account cannot be changed any more.
    ...cells("PUT /Users/{id}", ...bad("noTarget", "mutability")),
    // The owner account, a protected one, one that Twilio suspended, one that is not linked; too many accounts.
    ...["POST /Users", "PUT /Users/{id}", "PATCH /Users/{id}", "DELETE /Users/{id}"].flatMap((label) =>
      cells(label, "403"),
    ),
    // A group may have too many members to show them unasked.
    ...cells("PATCH /Groups/{id}", "204"),
  ];
}

/** RFC 7644 §3.7: the whole, and its operations. 409 is also for what refers to something that could not be created. */
function bulk(): readonly Cell[] {
  const operations: Readonly<Record<string, readonly number[]>> = {
    "POST /Users": [201, 400, 403, 409, 503],
    "PUT /Users/{id}": [200, 400, 403, 404, 409, 412, 503],
    "PATCH /Users/{id}": [200, 400, 403, 404, 409, 412, 503],
    "DELETE /Users/{id}": [204, 400, 403, 404, 409, 412, 503],
    "POST /Groups": [201, 400, 409, 503],
    "PUT /Groups/{id}": [200, 400, 404, 409, 412, 503],
    "PATCH /Groups/{id}": [204, 400, 404, 409, 412, 503],
    "DELETE /Groups/{id}": [204, 400, 404, 409, 412, 503],
    "(other)": [400, 405],
  };
  return [
    ...cells("POST /Bulk", "200", ...bad("invalidSyntax", "invalidValue"), "413", "415"),
    ...Object.entries(operations).flatMap(([label, statuses]) =>
      statuses.map((status) => `BULK ${label} ${status}`),
    ),
  ];
}
