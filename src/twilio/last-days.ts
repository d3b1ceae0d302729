import type { Day, LastCharged, ServiceActivity, Usage } from "../directory/activity.js";
import type { ChargedService, UsageService } from "./usage-catalogue.js";

/** A service, as far as it is shown with its days. */
export type Named = Pick<UsageService, "slug" | "display">;

/** The last days of all services, as they come to be known. */
export class LastDays {
  readonly #services = new Map<string, ServiceActivity>();

  /** Takes in what one of a service's categories was last charged, or the service itself. */
  add({ slug, display }: Named, { lastActivity, lastActivityExcludingFees }: LastCharged): void {
    const known = this.#services.get(slug);
    this.#services.set(slug, {
      service: slug,
      display,
      ...lastCharged(
        latestOf(known?.lastActivity, lastActivity),
        latestOf(known?.lastActivityExcludingFees, lastActivityExcludingFees),
      ),
    });
  }

  /** Takes in a day on which these services were charged. */
  addDay(day: Day, charged: Iterable<ChargedService>): void {
    for (const { service, isUsed } of charged) this.add(service, lastCharged(day, isUsed ? day : undefined));
  }

  of(service: Named): LastCharged {
    return this.#services.get(service.slug) ?? {};
  }

  /**
   * The account's last days, and those of its services.
   *
   * @param total the last day with a charge of any kind
   */
  toUsage(total: Day | undefined): Pick<Usage, "services" | keyof LastCharged> {
    const services = [...this.#services.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
    return {
      services,
      ...lastCharged(
        latestOf(total, ...services.map(({ lastActivity }) => lastActivity)),
        latestOf(...services.map(({ lastActivityExcludingFees }) => lastActivityExcludingFees)),
      ),
    };
  }
}

/** Without the properties that have no day. */
export function lastCharged(
  lastActivity: Day | undefined,
  lastActivityExcludingFees: Day | undefined,
): LastCharged {
  return {
    ...(lastActivity && { lastActivity }),
    ...(lastActivityExcludingFees && { lastActivityExcludingFees }),
  };
}

/** The latest of those that are days; undefined where none is. */
export function latestOf(...days: readonly (Day | undefined)[]): Day | undefined {
  return days.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined);
}
