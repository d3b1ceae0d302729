/** RFC 7644 §3.4.2.2, Table 3, without `pr`, which compares with nothing. */
export const COMPARISON_OPERATORS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"] as const;

export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];

export type FilterValue = string | number | boolean | null;

/**
 * A filter (RFC 7644 §3.4.2.2). Attributes are named as the schemas spell them: `userName`, `name.givenName`,
 * `urn:…:User:department`, and within a value path by the sub-attribute alone. Values have the type of the attribute.
 */
export type Filter =
  | { readonly kind: "and" | "or"; readonly filters: readonly Filter[] }
  | { readonly kind: "not"; readonly filter: Filter }
  | { readonly kind: "present"; readonly attribute: string }
  | {
      readonly kind: "compare";
      readonly attribute: string;
      readonly operator: ComparisonOperator;
      readonly value: FilterValue;
    }
  /** `emails[filter]`: one value of the attribute matches the whole filter. */
  | { readonly kind: "valuePath"; readonly attribute: string; readonly filter: Filter };

/** The text of a filter; parsed again, it gives the same filter. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.filters.map((operand) => printOperand(operand, filter.kind)).join(` ${filter.kind} `);
    case "not":
      return `not (${printFilter(filter.filter)})`;
    case "present":
      return `${filter.attribute} pr`;
    case "compare":
      return `${filter.attribute} ${filter.operator} ${JSON.stringify(filter.value)}`;
    case "valuePath":
      return `${filter.attribute}[${printFilter(filter.filter)}]`;
  }
}

/** Only `and` within `or` needs no parentheses, since it binds closer. */
function printOperand(operand: Filter, within: "and" | "or"): string {
  const isGroup = operand.kind === "or" || (operand.kind === "and" && within === "and");
  return isGroup ? `(${printFilter(operand)})` : printFilter(operand);
}

/** How many comparisons the filter asks for: what it costs to try it on one value. */
export function countTerms(filter: Filter): number {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.filters.reduce((sum, operand) => sum + countTerms(operand), 0);
    case "not":
    case "valuePath":
      return countTerms(filter.filter);
    case "present":
    case "compare":
      return 1;
  }
}

/** The attributes that the filter asks for, named in full; of a value path the attribute before the bracket. */
export function attributesIn(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.filters.flatMap(attributesIn);
    case "not":
      return attributesIn(filter.filter);
    case "present":
    case "compare":
    case "valuePath":
      return [filter.attribute];
  }
}
