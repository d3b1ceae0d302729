import { isDeepStrictEqual } from "node:util";
import type { Captures } from "./captures.js";
import type { Json } from "./conversation.js";
import { ENTITLEMENTS, readWildcard, TWILIO, WILDCARDS, type Wildcard } from "./wildcards.js";

type JsonObject = { readonly [name: string]: Json };

export interface Comparison {
  /** What is compared, for the lines. */
  readonly place: string;
  /** `part`: objects may have more members, and arrays more elements in between. Default `whole`. */
  readonly extent?: "whole" | "part";
  /** Fills `{{name}}` in the expectation, and takes what a wildcard names. */
  readonly captures: Captures;
}

/** One line, with its place, for everything that is not as expected. */
export function differences(actual: unknown, expected: Json, comparison: Comparison): string[] {
  const { place } = comparison;
  if (typeof expected === "string") return textDifferences(actual, expected, comparison);
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [difference(place, expected, actual)];
    const compare = comparison.extent === "part" ? missingElements : arrayDifferences;
    return compare(actual, expected, comparison);
  }
  if (isObject(expected)) {
    return isObject(actual)
      ? objectDifferences(actual, expected, comparison)
      : [difference(place, expected, actual)];
  }
  return actual === expected ? [] : [difference(place, expected, actual)];
}

/** Undefined stands for nothing at all. */
export function difference(place: string, expected: unknown, actual: unknown): string {
  return `${place}: expected ${show(expected)}, got ${show(actual)}`;
}

function textDifferences(actual: unknown, expected: string, { place, captures }: Comparison): string[] {
  const wildcard = readWildcard(expected);
  const wanted = wildcard === undefined ? captures.fill(expected) : expected;
  const isWanted = wildcard === undefined ? actual === wanted : matchesWildcard(actual, wildcard);
  if (!isWanted) return [difference(place, wanted, actual)];
  if (wildcard?.as !== undefined) captures.set(wildcard.as, String(actual));
  return [];
}

function matchesWildcard(actual: unknown, { kind }: Wildcard): boolean {
  return typeof actual === "string" && WILDCARDS[kind].test(actual);
}

function arrayDifferences(
  actual: readonly unknown[],
  expected: readonly Json[],
  comparison: Comparison,
): string[] {
  const places = Array.from({ length: Math.max(actual.length, expected.length) });
  return places.flatMap((_, index) => {
    const place = `${comparison.place}[${index}]`;
    const wanted = expected[index];
    if (wanted === undefined || index >= actual.length) return [difference(place, wanted, actual[index])];
    return differences(actual[index], wanted, { ...comparison, place });
  });
}

/** Each expected element has to be one of the actual ones, in this order. */
function missingElements(
  actual: readonly unknown[],
  expected: readonly Json[],
  comparison: Comparison,
): string[] {
  let from = 0;
  return expected.flatMap((wanted) => {
    // What an element that is another one has must not be captured.
    const isWanted = (element: unknown) =>
      differences(element, wanted, { ...comparison, captures: comparison.captures.copy() }).length === 0;
    const found = actual.findIndex((element, index) => index >= from && isWanted(element));
    if (found < 0) return [`${comparison.place}: expected ${show(wanted)}, got none, or not in this order`];
    from = found + 1;
    return differences(actual[found], wanted, comparison);
  });
}

function objectDifferences(actual: JsonObject, expected: JsonObject, comparison: Comparison): string[] {
  const wanted = Object.entries(expected).flatMap(([name, member]) => {
    const place = `${comparison.place}.${name}`;
    if (!Object.hasOwn(actual, name)) return [difference(place, member, undefined)];
    if (member === TWILIO || member === ENTITLEMENTS) {
      const isWanted =
        member === TWILIO ? hasTwilioExtension(actual, actual[name]) : isEntitlements(actual[name]);
      return isWanted ? [] : [difference(place, member, actual[name])];
    }
    return differences(actual[name], member, { ...comparison, place });
  });
  if (comparison.extent === "part") return wanted;
  const others = Object.keys(actual).filter((name) => !Object.hasOwn(expected, name));
  return [
    ...wanted,
    ...others.map((name) => difference(`${comparison.place}.${name}`, undefined, actual[name])),
  ];
}

/** One that tells of the user's own account, and the status that `active` says. */
function hasTwilioExtension(user: JsonObject, extension: unknown): boolean {
  if (!isObject(extension) || typeof user.active !== "boolean") return false;
  const statuses: readonly Json[] = user.active ? ["active"] : ["suspended", "closed"];
  return extension.accountSid === user.id && statuses.includes(extension.status ?? null);
}

const ENTITLEMENT_MEMBERS = ["display", "type", "value"];

function isEntitlements(value: unknown): boolean {
  const isEntitlement = (element: unknown) =>
    isObject(element) && isDeepStrictEqual(Object.keys(element).sort(), ENTITLEMENT_MEMBERS);
  return Array.isArray(value) && value.length > 0 && value.every(isEntitlement);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
