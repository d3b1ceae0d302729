import { type Attribute, isComplex, isMultiValued, subAttribute } from "./attribute.js";
import { invalidPath, type ScimError } from "./errors.js";
import type { Filter } from "./filter.js";
import { assertFewTerms, FilterParser, MAX_FILTER_LENGTH } from "./filter-parser.js";
import { FilterScanner } from "./filter-scanner.js";
import { type AttributeNames, subAttributeScope } from "./resource-schema.js";

/** What a path points at (RFC 7644 §3.5.2, Figure 7). */
export interface AttributePath {
  /** The path as it was given, for error messages. */
  readonly text: string;
  /** The URN of the extension that holds the attribute; undefined: the resource itself holds it. */
  readonly extension: string | undefined;
  /** Undefined: the whole extension, or the whole resource. */
  readonly attribute: Attribute | undefined;
  /** Selects values of a multi-valued attribute; undefined: all of them. */
  readonly filter: Filter | undefined;
  readonly sub: Attribute | undefined;
}

/**
 * Parses `active`, `name.givenName`, `emails[type eq "work"].value`, `urn:…:User:manager.value` or an extension's URN.
 *
 * @returns undefined where no schema knows such an attribute
 * @throws ScimError invalidPath, or invalidFilter for what is in the brackets
 */
export function parsePath(text: string, names: AttributeNames): AttributePath | undefined {
  if (text.length > MAX_FILTER_LENGTH) {
    throw invalidPath(`The path is longer than ${MAX_FILTER_LENGTH} characters.`);
  }
  const scanner = new FilterScanner(text);
  const target = names.find(scanner.word());
  if (target === undefined) return undefined;
  const { extension, attribute, sub } = target;
  if (!scanner.take("[")) {
    if (!scanner.atEnd) throw malformed(text, scanner);
    return { text, extension, attribute, filter: undefined, sub };
  }
  if (attribute === undefined || sub !== undefined || !isComplex(attribute) || !isMultiValued(attribute)) {
    throw invalidPath(`The path "${text}" filters what has no values to choose from.`);
  }
  const filter = new FilterParser(scanner, subAttributeScope(attribute)).parse();
  if (!scanner.take("]")) throw malformed(text, scanner);
  assertFewTerms([filter]);
  if (!scanner.take(".")) {
    if (!scanner.atEnd) throw malformed(text, scanner);
    return { text, extension, attribute, filter, sub: undefined };
  }
  const selected = subAttribute(attribute, scanner.word());
  if (selected === undefined || !scanner.atEnd) throw malformed(text, scanner);
  return { text, extension, attribute, filter, sub: selected };
}

function malformed(text: string, scanner: FilterScanner): ScimError {
  return invalidPath(`The path "${text}" cannot be read from column ${scanner.column} on.`);
}
