import { z } from "zod";

/**
 * A rule for breaking requests: which ones, how often, and how.
 *
 * - `429`: answers 429/20429, never processed; with `Retry-After` when `retryAfterSeconds` is given
 * - `status`: answers `status` with Twilio's JSON error or an HTML page
 * - `html-200`: answers 200 with an HTML page
 * - `truncated-json`: processes the request and sends the first half of its answer, with a matching Content-Length
 * - `drop-before`: resets the connection before the request has any effect
 * - `drop-after`: processes the request, then resets the connection instead of answering
 * - `latency`: waits `ms`; combines with other rules
 * - `hang`: never answers; the connection stays open until the client or the simulator closes it
 * - `hold`: waits until the rule is released or cleared, then goes on; combines with other rules
 *
 * `effect: true` makes `status`, `html-200` and `hang` process the request first. `at` says whether `latency` and `hold`
 * come before the request is processed (the default) or between that and the answer.
 */
export type FaultRule = z.infer<typeof faultRuleSchema>;

const matchSchema = z.strictObject({
  /** `GET`, `POST`, ... */
  method: z.string().optional(),
  /** A regular expression, tried on the path without the query. */
  path: z.string().refine(isRegExp, { message: "is no regular expression" }).optional(),
  /** Name of a route, such as `accounts.update` or `usage.Daily`. */
  route: z.string().optional(),
  accountSid: z.string().optional(),
  /** How many requests it breaks; all when left out. */
  count: z.int().min(1).optional(),
  /** How many matching requests it lets by first. */
  skip: z.int().min(0).optional(),
  /** From 0 to 1; decided by the seeded randomness for each matching request. */
  probability: z.number().min(0).max(1).optional(),
});

const moment = z.enum(["before", "after"]).optional();
const effect = z.boolean().optional();

export const faultRuleSchema = z.discriminatedUnion("kind", [
  matchSchema.extend({ kind: z.literal("429"), retryAfterSeconds: z.number().min(0).optional() }),
  matchSchema.extend({
    kind: z.literal("status"),
    status: z.int().min(500).max(599),
    body: z.enum(["json", "html"]).optional(),
    effect,
  }),
  matchSchema.extend({ kind: z.literal("html-200"), effect }),
  matchSchema.extend({ kind: z.literal("truncated-json") }),
  matchSchema.extend({ kind: z.literal("drop-before") }),
  matchSchema.extend({ kind: z.literal("drop-after") }),
  matchSchema.extend({ kind: z.literal("latency"), ms: z.number().min(0), at: moment }),
  matchSchema.extend({ kind: z.literal("hang"), effect }),
  matchSchema.extend({ kind: z.literal("hold"), at: moment }),
]);

function isRegExp(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}
