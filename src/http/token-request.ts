import { type ClientAuthentication, TokenRequestRefused } from "../access/token-endpoint.js";

/** What a request for a token says, as it was sent. */
export interface RawTokenRequest {
  /** The header, once for each time that it was sent. */
  readonly authorization: readonly string[];
  /** In `application/x-www-form-urlencoded`. */
  readonly body: Uint8Array;
}

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** The one scope there is, which clients name because theirs may want one. Their rights are kept with them. */
export const TOKEN_SCOPE = "scim";

/**
 * Reads a request for a token: the grant `client_credentials` with exactly one way to say who the client is
 * (RFC 6749 §2.3, §3.2, §4.4; RFC 7523 §2.2). Throws TokenRequestRefused for all else.
 */
export function readTokenRequest({ authorization, body }: RawTokenRequest): ClientAuthentication {
  if (authorization.length > 1) throw invalidRequest("There is more than one Authorization header.");
  const parameters = readForm(body);
  const authentication = readAuthentication(authorization[0], parameters);
  const grantType = parameters.get("grant_type");
  if (grantType === undefined) throw invalidRequest("grant_type is missing.");
  if (grantType !== "client_credentials") {
    throw new TokenRequestRefused("unsupported_grant_type", "The only grant_type is client_credentials.");
  }
  const scope = parameters.get("scope");
  if (scope !== undefined && scope !== TOKEN_SCOPE) {
    throw new TokenRequestRefused("invalid_scope", `The only scope is ${TOKEN_SCOPE}.`);
  }
  return authentication;
}

function readAuthentication(
  authorization: string | undefined,
  parameters: ReadonlyMap<string, string>,
): ClientAuthentication {
  const clientId = parameters.get("client_id");
  const secret = parameters.get("client_secret");
  const assertion = parameters.get("client_assertion");
  const assertionType = parameters.get("client_assertion_type");
  const isAssertion = assertion !== undefined || assertionType !== undefined;
  if ([authorization !== undefined, secret !== undefined, isAssertion].filter(Boolean).length > 1) {
    throw invalidRequest("The client is authenticated in more than one way.");
  }
  if (authorization !== undefined) {
    const basic = readBasic(authorization);
    if (clientId !== undefined && clientId !== basic.clientId) {
      throw invalidRequest("client_id is another one than in the Authorization header.");
    }
    return basic;
  }
  if (isAssertion) {
    if (assertionType !== ASSERTION_TYPE)
      throw invalidRequest(`client_assertion_type must be ${ASSERTION_TYPE}.`);
    if (assertion === undefined) throw invalidRequest("client_assertion is missing.");
    if (clientId === undefined) throw invalidRequest("client_id is missing.");
    return { kind: "assertion", clientId, assertion };
  }
  if (clientId === undefined || secret === undefined)
    throw invalidClient("The client does not authenticate.");
  return { kind: "secret", clientId, secret };
}

/** `client_secret_basic`: both parts are encoded as in a form before they are joined (RFC 6749 §2.3.1). */
function readBasic(authorization: string): ClientAuthentication {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  if (encoded === undefined) throw invalidClient("The Authorization header is not that of Basic.");
  const pair = readUtf8(Buffer.from(encoded, "base64"));
  const [, id, password] = /^([^:]*):(.*)$/s.exec(pair ?? "") ?? [];
  const clientId = id === undefined ? undefined : decodePart(id);
  const secret = password === undefined ? undefined : decodePart(password);
  if (!clientId || !secret) throw invalidClient("The Authorization header cannot be read.");
  return { kind: "secret", clientId, secret };
}

/**
 * The parameters of a form. One without a value counts as missing, and none may come twice (RFC 6749 §3.2), in whatever way
 * its name is encoded. Stricter than URLSearchParams, which makes something of every text.
 */
function readForm(body: Uint8Array): ReadonlyMap<string, string> {
  const text = readUtf8(body);
  if (text === undefined) throw invalidRequest("The body is not UTF-8.");
  const parameters = new Map<string, string>();
  for (const pair of text.split("&").filter((part) => part !== "")) {
    const at = pair.indexOf("=");
    const name = decodePart(at < 0 ? pair : pair.slice(0, at));
    const value = decodePart(at < 0 ? "" : pair.slice(at + 1));
    if (name === undefined || value === undefined) {
      throw invalidRequest("The body is not application/x-www-form-urlencoded.");
    }
    if (parameters.has(name)) throw invalidRequest("A parameter is there twice.");
    parameters.set(name, value);
  }
  return new Map([...parameters].filter(([, value]) => value !== ""));
}

/** Undefined where it is not encoded as in a form. */
function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function readUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function invalidRequest(description: string): TokenRequestRefused {
  return new TokenRequestRefused("invalid_request", description);
}

function invalidClient(description: string): TokenRequestRefused {
  return new TokenRequestRefused("invalid_client", description);
}
