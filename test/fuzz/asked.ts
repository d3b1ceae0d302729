import { everythingIn, isMembers, membersNamed } from "./json.js";
import { type FuzzRequest, readNaively, scimPath } from "./request.js";

/**
 * What a request asks for at Twilio, by a naive reading that shares nothing with the bridge's. It may find more than is
 * asked for, and never less.
 */
export type Ask =
  | { readonly kind: "create"; readonly body: unknown }
  /** `sid`: undefined for an account that the same bulk request creates. */
  | { readonly kind: "change"; readonly sid: string | undefined; readonly body: unknown }
  | { readonly kind: "close"; readonly sid: string | undefined };

export function asksOf(request: FuzzRequest): readonly Ask[] {
  const path = scimPath(request);
  const body = readNaively(request);
  if (/^\/Bulk\/?$/i.test(path) && request.method === "POST") {
    return membersNamed(body, "operations").flatMap((list) =>
      Array.isArray(list) ? list.flatMap(asksOfOperation) : [],
    );
  }
  return asksAt(request.method, path, body);
}

function asksOfOperation(operation: unknown): readonly Ask[] {
  const methods = membersNamed(operation, "method");
  const paths = membersNamed(operation, "path");
  const bodies = membersNamed(operation, "data");
  return methods.flatMap((method) =>
    paths.flatMap((path) => {
      if (typeof method !== "string" || typeof path !== "string") return [];
      const slashed = path.startsWith("/") ? path : `/${path}`;
      // What is created with references to what does not exist yet is completed by a PUT.
      const also =
        method.toUpperCase() === "POST"
          ? bodies.map((body): Ask => ({ kind: "change", sid: undefined, body }))
          : [];
      const asked = (bodies.length === 0 ? [undefined] : bodies).flatMap((body) =>
        asksAt(method.toUpperCase(), slashed, body),
      );
      return [...asked, ...also];
    }),
  );
}

function asksAt(method: string, path: string, body: unknown): readonly Ask[] {
  if (/^\/Users\/?$/i.test(path)) return method === "POST" ? [{ kind: "create", body }] : [];
  const [, id] = /^\/Users\/([^/]+)\/?$/i.exec(path) ?? [];
  if (id === undefined) return [];
  const sid = id.startsWith("bulkId:") ? undefined : decode(id);
  if (method === "PUT" || method === "PATCH") return [{ kind: "change", sid, body }];
  return method === "DELETE" ? [{ kind: "close", sid }] : [];
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** Whether a body says anywhere, in any spelling, that `active` shall be `wanted`. */
export function saysActive(body: unknown, wanted: boolean): boolean {
  const isWanted = (value: unknown) =>
    value === wanted || (typeof value === "string" && value.toLowerCase() === String(wanted));
  const isActive = (name: unknown) => typeof name === "string" && /(^|:)active$/i.test(name.trim());
  for (const found of everythingIn(body)) {
    if (!isMembers(found)) continue;
    if (Object.entries(found).some(([name, value]) => isActive(name) && isWanted(value))) return true;
    if (membersNamed(found, "path").some(isActive) && membersNamed(found, "value").some(isWanted))
      return true;
  }
  return false;
}

/** Whether a body asks for the name that Twilio shows. */
export function saysDisplayName(body: unknown, friendlyName: string): boolean {
  const isSaid = (name: unknown) => typeof name === "string" && /(^|:)displayName$/i.test(name.trim());
  for (const found of everythingIn(body)) {
    if (!isMembers(found)) continue;
    const values = [
      ...Object.entries(found).flatMap(([name, value]) => (isSaid(name) ? [value] : [])),
      ...(membersNamed(found, "path").some(isSaid) ? membersNamed(found, "value") : []),
    ];
    if (values.some((value) => typeof value === "string" && keptByTwilio(value) === friendlyName))
      return true;
  }
  return false;
}

/** Whether a new account's name is made of what its body says. */
export function namesAccount(body: unknown, friendlyName: string): boolean {
  const texts = [...everythingIn(body)].filter((value) => typeof value === "string");
  if (texts.some((text) => keptByTwilio(text) === friendlyName)) return true;
  const [given, family] = [textsNamed(body, /(^|\.)givenName$/i), textsNamed(body, /(^|\.)familyName$/i)];
  return given.some((first) => family.some((last) => keptByTwilio(`${first} ${last}`) === friendlyName));
}

function textsNamed(body: unknown, form: RegExp): string[] {
  return [...everythingIn(body)].flatMap((found) =>
    isMembers(found)
      ? Object.entries(found).flatMap(([name, value]) =>
          form.test(name) && typeof value === "string" ? [value] : [],
        )
      : [],
  );
}

/** The first 64 code points; half a surrogate pair cannot be sent. */
function keptByTwilio(text: string): string {
  const sent = Array.from(text.trim().replace(/\p{Surrogate}/gu, "\ufffd"));
  return sent.length <= 64 ? sent.join("") : sent.slice(0, 64).join("").trimEnd();
}
