import type { Memory } from "./acquaintances.js";
import { isMembers } from "./json.js";
import { type FuzzAnswer, type FuzzRequest, readNaively, scimPath } from "./request.js";

/** Takes in what an answer tells, for the requests to come. */
export function learnFrom(request: FuzzRequest, answer: FuzzAnswer, memory: Memory): void {
  const path = scimPath(request);
  const { status, body } = answer;
  if (status === 200 || status === 201) learnResource(body, memory);
  if (status === 204 && request.method === "DELETE") lose(path, memory);
  if (status !== 200 || !isMembers(body)) return;
  if (Array.isArray(body.Resources)) for (const resource of body.Resources) learnResource(resource, memory);
  if (Array.isArray(body.Operations)) for (const result of body.Operations) learnResult(result, memory);
  if (typeof body.nextCursor === "string") {
    memory.learnCursor({ path, parameters: parametersOf(request), cursor: body.nextCursor });
  }
}

function learnResource(resource: unknown, memory: Memory): void {
  if (!isMembers(resource) || typeof resource.id !== "string" || !Array.isArray(resource.schemas)) return;
  const { id, schemas, meta, userName, displayName } = resource;
  const version = isMembers(meta) && typeof meta.version === "string" ? meta.version : undefined;
  const isUser = schemas.includes("urn:ietf:params:scim:schemas:core:2.0:User");
  const isGroup = schemas.includes("urn:ietf:params:scim:schemas:core:2.0:Group");
  if (isUser && id !== memory.ownerSid && id !== memory.protectedSid)
    memory.users.learn(id, version, text(userName));
  if (isGroup) memory.groups.learn(id, version, text(displayName));
}

/** What a bulk request created or deleted. */
function learnResult(result: unknown, memory: Memory): void {
  if (!isMembers(result) || typeof result.location !== "string") return;
  const path = result.location.slice(result.location.lastIndexOf("/scim/v2") + "/scim/v2".length);
  const [, type, id] = /^\/(Users|Groups)\/(.+)$/.exec(path) ?? [];
  if (id === undefined) return;
  const version = text(result.version);
  if (result.status === "204" && result.method === "DELETE") lose(path, memory);
  if (result.status === "201") memory[type === "Users" ? "users" : "groups"].learn(id, version, undefined);
}

function lose(path: string, memory: Memory): void {
  const id = path.slice(path.lastIndexOf("/") + 1);
  memory.users.lose(id);
  memory.groups.lose(id);
}

/** The query of a list, or the same as a search has it, without a cursor. */
function parametersOf(request: FuzzRequest): readonly (readonly [string, string])[] {
  const [, query = ""] = request.path.split("?", 2);
  const pairs =
    request.method === "POST" ? searchPairs(readNaively(request)) : [...new URLSearchParams(query)];
  return pairs.filter(([name]) => name.toLowerCase() !== "cursor");
}

function searchPairs(body: unknown): readonly (readonly [string, string])[] {
  if (!isMembers(body)) return [];
  return Object.entries(body).flatMap(([name, value]) => {
    const texts = (Array.isArray(value) ? value : [value]).flatMap((one) =>
      typeof one === "string" || typeof one === "number" ? [String(one)] : [],
    );
    return name.toLowerCase() === "schemas" || texts.length === 0 ? [] : [[name, texts.join(",")] as const];
  });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
