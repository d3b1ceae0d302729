import { z } from "zod";

/** A call of Twilio's SDK. */
export type SdkCall = z.infer<typeof sdkCall>;

export const sdkCall = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("create"), friendlyName: z.string() }),
  z.object({
    kind: z.literal("update"),
    sid: z.string(),
    change: z.union([
      z.object({ status: z.enum(["active", "suspended", "closed"]) }),
      z.object({ friendlyName: z.string() }),
    ]),
  }),
]);

export const sdkAnswer = z.object({
  timesMs: z.array(z.number()),
  elapsedMs: z.number(),
  /** The SIDs of accounts that were created. */
  created: z.array(z.string()),
});
