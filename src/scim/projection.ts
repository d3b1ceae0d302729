import { type AttributePath, parsePath } from "./attribute-path.js";
import { invalidValue } from "./errors.js";
import { attributesIn } from "./filter.js";
import { compileFilter } from "./filter-match.js";
import { assertFewTerms } from "./filter-parser.js";
import { listParameter, type QueryParameters } from "./query-parameters.js";
import { isJsonObject, type JsonObject, type Resource } from "./resource.js";
import { type AttributeNames, subAttributeScope } from "./resource-schema.js";

/** What an answer shows of a resource. */
export interface Projection {
  /** Whether all is shown that is shown without being asked for. */
  readonly isWhole: boolean;
  /** What is left of a resource, which may come without the members that are not shown. */
  apply(resource: Resource): Resource;
  /** Whether anything of a member may be left, named by its attribute or URN. */
  shows(member: string): boolean;
  /** Whether a sub-attribute of a member is asked for by name: then one with `returned: request` is shown (RFC 7643 §7). */
  requests(member: string, sub: string): boolean;
}

const WHOLE: Projection = {
  isWhole: true,
  apply: (resource) => resource,
  shows: () => true,
  requests: () => false,
};

/** `returned: always` (RFC 7643 §3.1, §7). */
const ALWAYS_RETURNED: readonly string[] = ["schemas", "id"];

/**
 * Reads `attributes` and `excludedAttributes` (RFC 7644 §3.9). Names that the schema does not know select nothing.
 *
 * @throws ScimError invalidValue where both are given, since the RFC has them exclude each other; invalidPath or
 * invalidFilter for a name that cannot be read
 */
export function parseProjection(query: QueryParameters, names: AttributeNames): Projection {
  const included = listParameter(query, "attributes");
  const excluded = listParameter(query, "excludedAttributes");
  if (included === undefined && excluded === undefined) return WHOLE;
  if (included !== undefined && excluded !== undefined) {
    throw invalidValue("The query parameters attributes and excludedAttributes exclude each other.");
  }
  const paths = (included ?? excluded ?? [])
    .map((name) => parsePath(name, names))
    .filter((path) => path !== undefined);
  assertFewTerms(paths.flatMap(({ filter }) => filter ?? []));
  return createProjection(paths, included === undefined ? "exclude" : "include");
}

/** A path, and whether it selects a value of the attribute that it points at. */
interface SelectingPath extends AttributePath {
  readonly selects: (value: JsonObject) => boolean;
}

function createProjection(parsed: readonly AttributePath[], mode: "include" | "exclude"): Projection {
  const paths = parsed.map((path): SelectingPath => ({ ...path, selects: selector(path) }));
  const selected = (value: unknown) => (mode === "include" ? value : undefined);
  const others = (value: unknown) => (mode === "include" ? undefined : value);

  /** What is left of a member of a resource. */
  function member(name: string, value: unknown): unknown {
    if (ALWAYS_RETURNED.includes(name)) return value;
    const ofExtension = paths.filter(({ extension }) => extension === name);
    if (ofExtension.length === 0 || !isJsonObject(value)) {
      return attribute(
        name,
        value,
        paths.filter(({ extension }) => extension === undefined),
      );
    }
    return mapMembers(value, (inner, innerValue) => attribute(inner, innerValue, ofExtension));
  }

  /** What is left of an attribute, given the paths into the object that holds it. */
  function attribute(name: string, value: unknown, candidates: readonly SelectingPath[]): unknown {
    const pointing = candidates.filter(
      (path) => path.attribute === undefined || path.attribute.name === name,
    );
    if (pointing.length === 0) return others(value);
    if (pointing.some(({ filter, sub }) => filter === undefined && sub === undefined)) return selected(value);
    if (!Array.isArray(value)) return isJsonObject(value) ? element(value, pointing) : value;
    const elements = value.filter(isJsonObject).map((one) => element(one, pointing));
    return elements.some((one) => one !== undefined)
      ? elements.filter((one) => one !== undefined)
      : undefined;
  }

  /** What is left of one complex value. */
  function element(value: JsonObject, pointing: readonly SelectingPath[]): JsonObject | undefined {
    const selecting = pointing.filter((path) => path.selects(value));
    if (selecting.some(({ sub }) => sub === undefined)) return mode === "include" ? value : undefined;
    return mapMembers(value, (name, inner) =>
      selecting.some(({ sub }) => sub?.name === name) ? selected(inner) : others(inner),
    );
  }

  return {
    isWhole: false,
    apply: (resource) => mapMembers(resource, member) ?? {},
    requests: (name, wanted) =>
      mode === "include" &&
      paths.some(
        ({ attribute, filter, sub }) =>
          attribute?.name === name &&
          (sub?.name === wanted || (filter !== undefined && attributesIn(filter).includes(wanted))),
      ),
    shows(name) {
      if (ALWAYS_RETURNED.includes(name)) return true;
      const ofExtension = paths.filter(({ extension }) => extension === name);
      const ofCore = paths.filter(
        ({ extension, attribute }) =>
          extension === undefined && (attribute === undefined || attribute.name === name),
      );
      const pointing = ofExtension.length > 0 ? ofExtension : ofCore;
      if (mode === "include") return pointing.length > 0;
      return !pointing.some(
        ({ extension, attribute, filter, sub }) =>
          filter === undefined && sub === undefined && (attribute === undefined || extension === undefined),
      );
    },
  };
}

function selector({ attribute, filter }: AttributePath): (value: JsonObject) => boolean {
  if (filter === undefined || attribute === undefined) return () => true;
  return compileFilter(filter, subAttributeScope(attribute));
}

/** The object with each member mapped, without those that become undefined; undefined where none is left. */
function mapMembers(
  object: JsonObject,
  map: (name: string, value: unknown) => unknown,
): JsonObject | undefined {
  const members = Object.entries(object)
    .map(([name, value]) => [name, map(name, value)] as const)
    .filter(([, value]) => value !== undefined);
  return members.length > 0 ? Object.fromEntries(members) : undefined;
}
