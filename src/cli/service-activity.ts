import type { ServiceActivity } from "../directory/activity.js";

/** The services that an account was charged for, each with the last day: `sms 2026-11-02, phone-numbers 2026-11-01 (fees only)`. */
export function describeServices(services: readonly ServiceActivity[], separator: string): string {
  return services.map(describe).join(separator);
}

function describe({ service, lastActivity, lastActivityExcludingFees }: ServiceActivity): string {
  const fees = lastActivity !== undefined && lastActivityExcludingFees === undefined ? " (fees only)" : "";
  return `${service}${lastActivity === undefined ? "" : ` ${lastActivity}`}${fees}`;
}
