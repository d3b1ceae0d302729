import { isMembers, membersNamed } from "./json.js";
import type { FuzzAnswer, FuzzRequest } from "./request.js";
import { labelOf } from "./routes.js";
import { PASSWORD } from "./user-bodies.js";

const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";
const LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const BULK = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/** RFC 7644 §3.12, Table 9, and RFC 9865 §2. */
const SCIM_TYPES = [
  "invalidFilter",
  "tooMany",
  "uniqueness",
  "mutability",
  "invalidSyntax",
  "invalidPath",
  "noTarget",
  "invalidValue",
  "invalidVers",
  "sensitive",
  "invalidCursor",
  "expiredCursor",
  "invalidCount",
];

export interface AnswerContext {
  /** Whether Twilio or the database fails now, or nothing has been read yet. */
  readonly isFaulty: boolean;
  /** The SCIM token and the owner's. */
  readonly secrets: readonly string[];
  /** The tokens of all accounts: 32 hexadecimal digits each. */
  readonly accountTokens: ReadonlySet<string>;
}

/** What is wrong with an answer, whatever the request was. */
export function complaintsAboutAnswer(
  request: FuzzRequest,
  answer: FuzzAnswer,
  context: AnswerContext,
): string[] {
  return [
    ...complaintsAboutStatus(request, answer, context),
    ...complaintsAboutHeaders(request, answer),
    ...(answer.text === ""
      ? complaintsAboutAbsence(request, answer)
      : complaintsAboutBody(request, answer, context)),
    ...complaintsAboutSecrets(answer.text, context),
    ...complaintsAboutSecrets(JSON.stringify(answer.headers), context),
  ];
}

/** What must never be seen, and is in a text. */
export function complaintsAboutSecrets(text: string, { secrets, accountTokens }: AnswerContext): string[] {
  const seen = [...secrets, PASSWORD].some((secret) => text.includes(secret));
  const tokens = (text.match(/[0-9a-f]{32,}/g) ?? []).filter((digits) => accountTokens.has(digits));
  return seen || tokens.length > 0 ? ["a secret is to be seen"] : [];
}

function complaintsAboutStatus(
  request: FuzzRequest,
  { status, headers }: FuzzAnswer,
  context: AnswerContext,
): string[] {
  if (status < 500) return [];
  if (status === 501) return labelOf(request).endsWith(" /Me") ? [] : ["501 is for /Me alone"];
  if (status !== 503 || !context.isFaulty) return [`the status is ${status}`];
  return /^[1-9]\d*$/.test(String(headers["retry-after"]))
    ? []
    : ["503 without a Retry-After of whole seconds"];
}

function complaintsAboutHeaders({ method }: FuzzRequest, { status, headers, text }: FuzzAnswer): string[] {
  const isMissing = (name: string) => headers[name] === undefined || headers[name] === "";
  return [
    ...(isMissing("x-request-id") ? ["no X-Request-Id"] : []),
    ...("x-powered-by" in headers ? ["X-Powered-By is there"] : []),
    ...(text !== "" && headers["cache-control"] !== "no-store" ? ["the answer may be kept by a cache"] : []),
    ...(status === 401 && isMissing("www-authenticate") ? ["401 without a challenge"] : []),
    ...(status === 405 && isMissing("allow") ? ["405 without Allow"] : []),
    ...(status === 405 && allowed(headers.allow).includes(method) ? [`405, and ${method} is allowed`] : []),
    ...(status === 304 && isMissing("etag") ? ["304 without an ETag"] : []),
    ...(status === 201 && isMissing("location") ? ["201 without a Location"] : []),
  ];
}

function allowed(header: FuzzAnswer["headers"][string]): readonly string[] {
  return String(header).split(", ");
}

function complaintsAboutAbsence({ method }: FuzzRequest, { status }: FuzzAnswer): string[] {
  return method === "HEAD" || status === 204 || status === 304 ? [] : ["there is no body"];
}

function complaintsAboutBody(request: FuzzRequest, answer: FuzzAnswer, context: AnswerContext): string[] {
  const { status, headers, body } = answer;
  if (status === 204 || status === 304 || request.method === "HEAD") return ["there is a body"];
  if (!/^application\/scim\+json(;|$)/.test(String(headers["content-type"]))) {
    return [`the media type is ${headers["content-type"]}`];
  }
  if (!isMembers(body)) return ["the body is no JSON object"];
  if (!hasSchemas(body)) return ["there are no schemas"];
  if (status >= 400) return complaintsAboutError(status, body);
  const [schema] = Array.isArray(body.schemas) ? body.schemas : [];
  if (schema === LIST) return complaintsAboutList(body);
  if (schema === BULK) return complaintsAboutBulk(body, context);
  return complaintsAboutResource(answer, body);
}

function hasSchemas({ schemas }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(schemas) && schemas.length > 0 && schemas.every((urn) => typeof urn === "string");
}

function complaintsAboutError(status: number, body: Readonly<Record<string, unknown>>): string[] {
  const { schemas, scimType, detail, ...others } = body;
  return [
    ...(Array.isArray(schemas) && schemas.length === 1 && schemas[0] === ERROR
      ? []
      : ["the schemas are not Error's"]),
    ...(others.status === String(status) ? [] : [`the body says status ${JSON.stringify(others.status)}`]),
    ...(typeof detail === "string" && detail.trim() !== "" ? [] : ["there is no detail"]),
    ...(scimType === undefined || SCIM_TYPES.some((known) => known === scimType)
      ? []
      : [`the scimType is ${scimType}`]),
    ...(status === 400 && scimType === undefined ? ["400 without a scimType"] : []),
    ...Object.keys(others)
      .filter((name) => name !== "status")
      .map((name) => `an error has no ${name}`),
  ];
}

function complaintsAboutList(body: Readonly<Record<string, unknown>>): string[] {
  const { totalResults, startIndex, itemsPerPage, nextCursor, Resources } = body;
  if (!Array.isArray(Resources)) return ["there are no Resources"];
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  if (!isCount(totalResults) || !isCount(itemsPerPage)) return ["the counts are no whole numbers"];
  const ids = Resources.flatMap((resource) => membersNamed(resource, "id"));
  const last = typeof startIndex === "number" ? startIndex - 1 + itemsPerPage : itemsPerPage;
  return [
    ...(itemsPerPage === Resources.length
      ? []
      : [`itemsPerPage is ${itemsPerPage}, and there are ${Resources.length}`]),
    ...(itemsPerPage > 0 && last > totalResults ? [`the page ends at ${last} of ${totalResults}`] : []),
    ...(startIndex === undefined || (isCount(startIndex) && startIndex > 0)
      ? []
      : [`startIndex is ${startIndex}`]),
    ...(nextCursor === undefined || (typeof nextCursor === "string" && nextCursor !== "")
      ? []
      : ["nextCursor is no cursor"]),
    ...(nextCursor !== undefined && startIndex !== undefined ? ["there are both a cursor and an index"] : []),
    ...(new Set(ids).size === ids.length ? [] : ["a resource is there twice"]),
    ...Resources.flatMap((resource) =>
      isMembers(resource) && hasSchemas(resource) && typeof resource.id === "string"
        ? []
        : ["a resource has no schemas or id"],
    ),
  ];
}

function complaintsAboutBulk(body: Readonly<Record<string, unknown>>, context: AnswerContext): string[] {
  const { Operations } = body;
  if (!Array.isArray(Operations)) return ["there are no Operations"];
  return Operations.flatMap((result: unknown) => {
    if (!isMembers(result)) return ["a result is no object"];
    const status = Number(result.status);
    if (!/^\d{3}$/.test(String(result.status)) || typeof result.status !== "string")
      return ["a result has no status"];
    if (status >= 500 && !(status === 503 && context.isFaulty)) return [`a result has the status ${status}`];
    if (status < 400) return complaintsAboutSuccess(result);
    return isMembers(result.response)
      ? complaintsAboutResultError(status, result.response)
      : ["a failure has no response"];
  });
}

/** RFC 7644 §3.7.3. */
function complaintsAboutSuccess({
  method,
  location,
  bulkId,
  response,
}: Readonly<Record<string, unknown>>): string[] {
  return [
    ...(typeof location === "string" ? [] : ["a success has no location"]),
    ...(method === "POST" && typeof bulkId !== "string" ? ["a creation has no bulkId"] : []),
    ...(response === undefined ? [] : ["a success has a response"]),
  ];
}

function complaintsAboutResultError(status: number, response: Readonly<Record<string, unknown>>): string[] {
  return hasSchemas(response)
    ? complaintsAboutError(status, response)
    : ["a failure's response has no schemas"];
}

function complaintsAboutResource(
  { status, headers }: FuzzAnswer,
  body: Readonly<Record<string, unknown>>,
): string[] {
  const meta = isMembers(body.meta) ? body.meta : {};
  const { version, location } = meta;
  return [
    ...(version !== undefined && version !== headers.etag ? ["ETag is not meta.version"] : []),
    ...(status === 201 && location !== undefined && location !== headers.location
      ? ["Location is not meta.location"]
      : []),
  ];
}
