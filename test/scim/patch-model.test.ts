import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { ScimError } from "../../src/scim/errors.js";
import { applyPatch, parsePatch } from "../../src/scim/patch.js";
import { renderUser } from "../../src/scim/user-resource.js";
import { anyUser, schema } from "./sample-users.js";

/** An operation as a client writes it, and what it does to plain JSON. */
interface Step {
  readonly operation: Readonly<Record<string, unknown>>;
  /** Changes the JSON in place; false: it has no target. */
  readonly model: (json: Json) => boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: the model is a few lines of plain JavaScript, with nothing of the code it checks
type Json = any;

const text = fc.constantFrom("a", "b", "c", "d");
const kind = fc.constantFrom("work", "home", "other");
const op = fc.constantFrom("add", "replace", "Add", "Replace", "ADD");
const simple = fc.constantFrom("displayName", "title", "externalId", "profileUrl", "locale");
const part = fc.constantFrom("givenName", "familyName", "formatted");
const plural = fc.constantFrom("emails", "phoneNumbers", "roles");

const isAdd = (word: string) => word.toLowerCase() === "add";

const element = fc.record({ value: text, type: kind, display: text }, { requiredKeys: ["value", "type"] });

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op, simple, text, withPath: fc.boolean() }).map(({ op, simple, text, withPath }) => ({
    operation: withPath ? { op, path: simple, value: text } : { op, value: { [simple]: text } },
    model: (json: Json) => {
      json[simple] = text;
      return true;
    },
  })),
  fc.record({ simple, empty: fc.constantFrom("", null, undefined) }).map(({ simple, empty }) => ({
    operation:
      empty === undefined ? { op: "remove", path: simple } : { op: "replace", path: simple, value: empty },
    model: (json: Json) => {
      delete json[simple];
      return true;
    },
  })),
  fc.record({ op, part, text, form: fc.nat(2) }).map(({ op, part, text, form }) => ({
    operation:
      [
        { op, path: `name.${part}`, value: text },
        { op, value: { [`name.${part}`]: text } },
        { op, path: "name", value: { [part.toUpperCase()]: text } },
      ][form] ?? {},
    model: (json: Json) => {
      json.name = { ...json.name, [part]: text };
      return true;
    },
  })),
  part.map((part) => ({
    operation: { op: "remove", path: `name.${part}` },
    model: (json: Json) => {
      delete json.name?.[part];
      if (Object.keys(json.name ?? {}).length === 0) delete json.name;
      return true;
    },
  })),
  fc.record({ op, text }).map(({ op, text }) => ({
    operation: { op, path: `${ENTERPRISE_USER_SCHEMA}:manager`, value: text },
    model: (json: Json) => {
      const held = json[ENTERPRISE_USER_SCHEMA];
      json[ENTERPRISE_USER_SCHEMA] = { ...held, manager: { ...held?.manager, value: text } };
      return true;
    },
  })),
  fc.record({ plural, elements: fc.array(element, { maxLength: 3 }) }).map(({ plural, elements }) => ({
    operation: { op: "replace", path: plural, value: elements },
    model: (json: Json) => {
      json[plural] = structuredClone(elements);
      if (elements.length === 0) delete json[plural];
      return true;
    },
  })),
  fc.record({ plural, added: element }).map(({ plural, added }) => ({
    operation: { op: "add", path: plural, value: [added] },
    model: (json: Json) => {
      json[plural] ??= [];
      const existing = json[plural].find(
        (one: Json) => one.value?.toLowerCase() === added.value && one.type?.toLowerCase() === added.type,
      );
      if (existing === undefined) json[plural].push({ ...added });
      else if (added.display !== undefined && existing.display !== added.display)
        Object.assign(existing, added);
      else if (existing.value !== added.value || existing.type !== added.type) Object.assign(existing, added);
      return true;
    },
  })),
  fc.record({ op, plural, kind, text }).map(({ op, plural, kind, text }) => ({
    operation: { op, path: `${plural}[type eq "${kind}"].value`, value: text },
    model: (json: Json) => {
      const selected = ofKind(json[plural], kind);
      for (const one of selected) one.value = text;
      if (selected.length === 0) json[plural] = [...(json[plural] ?? []), { value: text, type: kind }];
      return true;
    },
  })),
  fc.record({ op, plural, kind, text }).map(({ op, plural, kind, text }) => ({
    operation: { op, path: `${plural}[type eq "${kind}"]`, value: { value: text } },
    model: (json: Json) => {
      const selected = ofKind(json[plural], kind);
      if (selected.length === 0) json[plural] = [...(json[plural] ?? []), { value: text, type: kind }];
      else if (isAdd(op)) for (const one of selected) one.value = text;
      else json[plural] = json[plural].map((one: Json) => (selected.includes(one) ? { value: text } : one));
      return true;
    },
  })),
  fc.record({ plural, kind }).map(({ plural, kind }) => ({
    operation: { op: "remove", path: `${plural}[type eq "${kind}"]` },
    model: (json: Json) => {
      const selected = ofKind(json[plural], kind);
      if (selected.length === 0) return false;
      json[plural] = json[plural].filter((one: Json) => !selected.includes(one));
      if (json[plural].length === 0) delete json[plural];
      return true;
    },
  })),
  fc.record({ plural, kind }).map(({ plural, kind }) => ({
    operation: {
      op: "replace",
      path: `${plural}[type eq "${kind}" and primary eq "True"].display`,
      value: "P",
    },
    model: (json: Json) => {
      const selected = ofKind(json[plural], kind).filter((one) => one.primary === true);
      for (const one of selected) one.display = "P";
      if (selected.length > 0) return true;
      for (const one of json[plural] ?? []) if (one.primary === true) one.primary = false;
      json[plural] = [...(json[plural] ?? []), { display: "P", type: kind, primary: true }];
      return true;
    },
  })),
);

function ofKind(elements: Json[] | undefined, kind: string): Json[] {
  return (elements ?? []).filter((one) => one.type?.toLowerCase() === kind);
}

describe("any PATCH", () => {
  it("does what a model on plain JSON does, all of it or nothing", () => {
    let refused = 0;
    let applied = 0;
    fc.assert(
      fc.property(anyUser, fc.array(steps, { minLength: 1, maxLength: 6 }), (subject, chosen) => {
        const resource = renderUser(subject);
        const expected = structuredClone(resource);
        const hasTargets = chosen.every(({ model }) => model(expected));
        const operations = parsePatch({ Operations: chosen.map(({ operation }) => operation) }, schema);
        if (hasTargets) {
          expect(applyPatch(resource, operations, schema)).toEqual(expected);
          applied += 1;
        } else {
          expect(() => applyPatch(resource, operations, schema)).toThrow(ScimError);
          refused += 1;
        }
        expect(resource).toEqual(renderUser(subject));
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(20);
    expect(applied).toBeGreaterThan(200);
  });
});
