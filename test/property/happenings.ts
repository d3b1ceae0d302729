import fc from "fast-check";
import type { FaultRule } from "../../src/simulator/fault-rule.js";

/** One thing that happens. `account` picks one of the accounts that there are, by its place. */
export type Happening =
  | { readonly kind: "post"; readonly user: number; readonly name: number; readonly active: boolean }
  | { readonly kind: "patch active"; readonly account: number; readonly active: boolean }
  | { readonly kind: "put"; readonly account: number; readonly user: number; readonly name: number }
  | { readonly kind: "delete"; readonly account: number }
  | { readonly kind: "console creates"; readonly name: number }
  | { readonly kind: "console renames"; readonly account: number; readonly name: number }
  | { readonly kind: "console suspends" | "console reactivates" | "console closes"; readonly account: number }
  | { readonly kind: "fault"; readonly rule: FaultRule }
  | { readonly kind: "pass" }
  | { readonly kind: "restart" };

const few = fc.nat({ max: 3 });
const account = fc.nat({ max: 30 });

export function happenings(): fc.Arbitrary<Happening> {
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("post"), user: few, name: few, active: fc.boolean() }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("patch active"), account, active: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("put"), account, user: few, name: few }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete"), account }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("console creates"), name: few }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("console renames"), account, name: few }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom("console suspends", "console reactivates", "console closes"),
        account,
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("fault"), rule: faultRules() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("pass") }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart") }) },
  ) as fc.Arbitrary<Happening>;
}

function faultRules(): fc.Arbitrary<FaultRule> {
  const matching = {
    route: fc.constantFrom("accounts.list", "accounts.fetch", "accounts.create", "accounts.update"),
    count: fc.integer({ min: 1, max: 8 }),
    skip: fc.nat({ max: 1 }),
  };
  return fc.oneof(
    fc.record({ kind: fc.constant("429" as const), ...matching }),
    fc.record({
      kind: fc.constant("status" as const),
      status: fc.constantFrom(500, 502, 503),
      body: fc.constantFrom("json" as const, "html" as const),
      effect: fc.boolean(),
      ...matching,
    }),
    fc.record({ kind: fc.constant("html-200" as const), effect: fc.boolean(), ...matching }),
    fc.record({ kind: fc.constant("truncated-json" as const), ...matching }),
    fc.record({ kind: fc.constantFrom("drop-before" as const, "drop-after" as const), ...matching }),
  );
}
