import { type Attribute, isComplex } from "./attribute.js";
import { parseDateTime } from "./date-time.js";
import { invalidFilter, type ScimError } from "./errors.js";
import {
  COMPARISON_OPERATORS,
  type ComparisonOperator,
  countTerms,
  type Filter,
  type FilterValue,
} from "./filter.js";
import { FilterScanner, type Literal } from "./filter-scanner.js";
import { type AttributeTarget, comparedAttribute, type Scope, subAttributeScope } from "./resource-schema.js";

/** Longer filters are refused unread. The longest that clients send has some hundred characters. */
export const MAX_FILTER_LENGTH = 8192;
/** How deep parentheses and brackets may nest, so that no filter can exhaust the stack. */
export const MAX_FILTER_DEPTH = 40;
/** How many comparisons a filter may ask for: each is made for every user. Clients send one or two. */
export const MAX_FILTER_TERMS = 100;

const TEXT_OPERATORS: readonly ComparisonOperator[] = ["co", "sw", "ew"];
const ORDERING_OPERATORS: readonly ComparisonOperator[] = ["gt", "ge", "lt", "le"];

/**
 * Parses a filter (RFC 7644 §3.4.2.2).
 *
 * An attribute that `scope` does not know is refused: RFC 7644 §3.4.2.1 treats it as absent only where several resource
 * types are searched at once, and on one type a misspelt name would pass for a search that finds nothing, after which
 * a provider creates what exists already.
 *
 * @throws ScimError invalidFilter, with the column
 */
export function parseFilter(text: string, scope: Scope): Filter {
  if (text.length > MAX_FILTER_LENGTH) {
    throw invalidFilter(`The filter is longer than ${MAX_FILTER_LENGTH} characters.`);
  }
  const scanner = new FilterScanner(text);
  const filter = new FilterParser(scanner, scope).parse();
  if (!scanner.atEnd) throw scanner.expected('"and", "or" or the end');
  assertFewTerms([filter]);
  return filter;
}

/** @throws ScimError invalidFilter where filters that are tried on the same thing ask for too many comparisons together */
export function assertFewTerms(filters: readonly Filter[]): void {
  const terms = filters.reduce((sum, filter) => sum + countTerms(filter), 0);
  if (terms > MAX_FILTER_TERMS) {
    throw invalidFilter(`The filter makes more than ${MAX_FILTER_TERMS} comparisons.`);
  }
}

/** A parser by recursive descent: a method for each rule of the grammar. */
export class FilterParser {
  readonly #scanner: FilterScanner;
  readonly #scope: Scope;
  #depth: number;

  /** @param depth in how many brackets the scanner stands already */
  constructor(scanner: FilterScanner, scope: Scope, depth = 0) {
    this.#scanner = scanner;
    this.#scope = scope;
    this.#depth = depth;
  }

  /** A filter up to the first thing that does not belong to it. */
  parse(): Filter {
    return this.#joined("or", () => this.#joined("and", () => this.#operand()));
  }

  #joined(keyword: "and" | "or", operand: () => Filter): Filter {
    const first = operand();
    const rest: Filter[] = [];
    while (this.#scanner.peekKeyword() === keyword) {
      this.#scanner.word();
      rest.push(operand());
    }
    return rest.length === 0 ? first : { kind: keyword, filters: [first, ...rest] };
  }

  #operand(): Filter {
    if (this.#scanner.take("(")) return this.#group();
    if (this.#scanner.peekKeyword() !== "not") return this.#attributeExpression();
    this.#scanner.word();
    if (!this.#scanner.take("(")) throw this.#scanner.expected('"(" after "not"');
    return { kind: "not", filter: this.#group() };
  }

  #group(): Filter {
    const filter = this.#nested(() => this.parse());
    if (!this.#scanner.take(")")) throw this.#scanner.expected('"and", "or" or ")"');
    return filter;
  }

  #nested(parse: () => Filter): Filter {
    this.#depth += 1;
    if (this.#depth > MAX_FILTER_DEPTH) {
      throw invalidFilter(
        `Filter, column ${this.#scanner.column}: it is nested deeper than ${MAX_FILTER_DEPTH} levels.`,
      );
    }
    const filter = parse();
    this.#depth -= 1;
    return filter;
  }

  #attributeExpression(): Filter {
    const column = this.#scanner.column;
    const name = this.#scanner.word();
    if (name === "") throw this.#scanner.expected('an attribute, "not" or "("');
    const target = this.#scope(name);
    if (target === undefined) throw this.#scanner.expected("an attribute that the schemas define", column);
    return this.#scanner.take("[") ? this.#valuePath(target, column) : this.#comparison(target);
  }

  /** After `attribute[`. */
  #valuePath(target: AttributeTarget, column: number): Filter {
    const { attribute, sub } = target;
    if (attribute === undefined || sub !== undefined || !isComplex(attribute)) {
      throw this.#scanner.expected('a complex attribute before "["', column);
    }
    const scope = subAttributeScope(attribute);
    const filter = this.#nested(() => new FilterParser(this.#scanner, scope, this.#depth).parse());
    if (!this.#scanner.take("]")) throw this.#scanner.expected('"and", "or" or "]"');
    return {
      kind: "valuePath",
      attribute: target.name,
      filter: this.#andSubAttribute(filter, attribute, scope),
    };
  }

  /**
   * Entra ID sends `emails[type eq "work"].value eq "x"`, which the grammar does not have. It means that one value
   * fulfils both, which the grammar says as `emails[type eq "work" and value eq "x"]`.
   */
  #andSubAttribute(filter: Filter, attribute: Attribute, scope: Scope): Filter {
    if (!this.#scanner.take(".")) return filter;
    const column = this.#scanner.column;
    const target = scope(this.#scanner.word());
    if (target === undefined) throw this.#scanner.expected(`a sub-attribute of ${attribute.name}`, column);
    const comparison = this.#comparison(target);
    const filters = filter.kind === "and" ? filter.filters : [filter];
    return { kind: "and", filters: [...filters, comparison] };
  }

  #comparison(target: AttributeTarget): Filter {
    const column = this.#scanner.column;
    const word = this.#scanner.word().toLowerCase();
    if (word === "pr") return { kind: "present", attribute: target.name };
    const operator = COMPARISON_OPERATORS.find((known) => known === word);
    if (operator === undefined) {
      throw this.#scanner.expected(`an operator (${COMPARISON_OPERATORS.join(", ")} or pr)`, column);
    }
    const value = this.#value(this.#scanner.literal(), target, operator, column);
    return { kind: "compare", attribute: target.name, operator, value };
  }

  #value(
    literal: Literal,
    target: AttributeTarget,
    operator: ComparisonOperator,
    column: number,
  ): FilterValue {
    const equality = operator === "eq" || operator === "ne";
    if (!literal.quoted && literal.text.toLowerCase() === "null") {
      if (equality) return null;
      throw this.#scanner.expected('"eq" or "ne" before null', column);
    }
    const attribute = comparedAttribute(target);
    if (attribute === undefined) {
      throw this.#unsupported(
        `${target.name} has no value of its own to compare; name a sub-attribute`,
        column,
      );
    }
    const { type } = attribute;
    switch (type) {
      case "string":
      case "reference":
        return literal.text;
      case "binary":
        if (!ORDERING_OPERATORS.includes(operator)) return literal.text;
        break;
      case "boolean":
        if (equality) return this.#boolean(literal);
        break;
      case "decimal":
      case "integer":
        if (!TEXT_OPERATORS.includes(operator)) return this.#number(literal);
        break;
      case "dateTime":
        return TEXT_OPERATORS.includes(operator) ? literal.text : this.#dateTime(literal);
      case "complex":
        break;
    }
    throw this.#unsupported(`${operator} cannot be used on ${target.name}, whose type is ${type}`, column);
  }

  #boolean({ text, column }: Literal): boolean {
    switch (text.toLowerCase()) {
      case "true":
        return true;
      case "false":
        return false;
      default:
        throw this.#scanner.expected("true or false", column);
    }
  }

  #number({ text, column }: Literal): number {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(number)) throw this.#scanner.expected("a number", column);
    return number;
  }

  #dateTime({ text, column }: Literal): string {
    if (parseDateTime(text) === undefined) {
      throw this.#scanner.expected('a dateTime such as "2011-05-13T04:42:34Z"', column);
    }
    return text;
  }

  #unsupported(why: string, column: number): ScimError {
    return invalidFilter(`Filter, column ${column}: ${why}.`);
  }
}
