import { z } from "zod";
import type { Day, ServiceActivity, Usage } from "../directory/activity.js";
import { createSharing } from "./sharing.js";

// Not by `parseDay`: at a start this is asked a million times, and zod's expression is three times as fast.
const day = z.custom<Day>(
  (stored) => typeof stored === "string" && z.regexes.date.test(stored),
  "is not a day",
);

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, "is not a decimal");

const lastCharged = { lastActivity: day.exactOptional(), lastActivityExcludingFees: day.exactOptional() };

const NO_CHARGES: Usage["recentCharges"] = {};

/** What a JSON column with usage may hold. What it does not name is dropped. Services that are equal come out as one. */
export function storedUsage(): z.ZodType<Usage> {
  const shared = createSharing<ServiceActivity>(
    ({ service, display, lastActivity, lastActivityExcludingFees }) =>
      `${lastActivity} ${lastActivityExcludingFees} ${service.length} ${service}${display}`,
  );
  const service = z.object({
    ...lastCharged,
    service: z.string(),
    display: z.string(),
  } satisfies Record<keyof Required<ServiceActivity>, z.ZodType>);
  return z.object({
    ...lastCharged,
    services: z.array(service.transform(shared)),
    spend: z.object({ total: decimal, currency: z.string() }).exactOptional(),
    // Most accounts have none.
    recentCharges: z
      .record(day, decimal)
      .transform((charges) => (Object.keys(charges).length === 0 ? NO_CHARGES : charges)),
    readUntil: day,
    // What the core gains and this forgets would be lost at the next start: `Required` makes it an error.
  } satisfies Record<keyof Required<Usage>, z.ZodType>);
}
