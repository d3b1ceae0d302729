import { type Decimal, subtract, ZERO } from "./decimal.js";
import { USAGE_CATEGORIES, USAGE_SERVICES } from "./usage-categories.js";

/** One Twilio product. */
export interface UsageService {
  readonly slug: string;
  readonly display: string;
  /** One sentence, for whoever reads a list of entitlements. */
  readonly description: string;
}

/** One kind of usage that Twilio keeps a record of. */
export interface UsageCategory {
  /** In lower case. */
  readonly name: string;
  /** The slug of the product that it belongs to. */
  readonly service: string;
  /** The roll-up that contains it. */
  readonly parent?: string;
  /** Contains other categories, some of which may not be known. */
  readonly rollup?: true;
  /** Rent, storage, licences and the like: charged without anybody doing anything. */
  readonly passive?: true;
}

/** The grand total of an account. It belongs to no product, and may hold charges that no category shows. */
export const TOTAL_PRICE = "totalprice";

/** What some categories cost over one and the same time, by category in lower case. */
export type Prices = ReadonlyMap<string, Decimal>;

/** A service that was charged over some time. */
export interface ChargedService {
  readonly service: UsageService;
  /** Whether it was charged for more than fees. */
  readonly isUsed: boolean;
}

/** A category whose records have to be read to learn when its service was charged. */
export interface CategoryToRead {
  /** In lower case. */
  readonly category: string;
  readonly service: UsageService;
  /** Whether it was ever charged for more than the fees in it. */
  readonly isUsed: boolean;
  /** The fees in it, which have to be taken out to learn when it was used. Empty where `isUsed` is false. */
  readonly fees: readonly string[];
}

/**
 * Twilio's categories of usage and the products that they belong to. Categories are compared without case, and an unknown
 * one belongs to "Other". A category is charged where its price is not zero, and used where it is charged, is not passive,
 * and its price differs from that of the passive categories inside it: a roll-up that holds nothing but rent is not used.
 */
export interface UsageCatalogue {
  /** By slug. */
  readonly services: readonly UsageService[];
  serviceOf(category: string): UsageService;
  /** Whether Twilio has named this category, the grand total included. */
  isKnown(category: string): boolean;
  isPassive(category: string): boolean;
  /** The services that were charged, by slug, and whether they were used. */
  charged(prices: Prices): ReadonlyMap<string, ChargedService>;
  /**
   * The fewest categories that tell when each service was charged and used, of those with a price. A roll-up stands for
   * what it contains of its own service, as long as both are fees or neither is.
   *
   * @param prices over the account's whole life
   */
  toRead(prices: Prices): readonly CategoryToRead[];
}

const OTHER = "other";

export function createUsageCatalogue(): UsageCatalogue {
  const services = new Map(USAGE_SERVICES.map((service) => [service.slug, service]));
  const categories = new Map(USAGE_CATEGORIES.map((category) => [category.name, category]));

  function serviceOf(category: string): UsageService {
    const slug = categories.get(category.toLowerCase())?.service ?? OTHER;
    const service = services.get(slug);
    if (service === undefined) throw new RangeError(`There is no service ${slug}.`);
    return service;
  }

  function isPassive(category: string): boolean {
    return categories.get(category.toLowerCase())?.passive === true;
  }

  /** The roll-ups that contain a category, the nearest first. */
  function* rollupsOf(category: string): Generator<string> {
    for (let up = categories.get(category)?.parent; up !== undefined; up = categories.get(up)?.parent) {
      yield up;
    }
  }

  function isCharged(category: string, prices: Prices): boolean {
    return (prices.get(category) ?? ZERO) !== ZERO;
  }

  /** The outermost of the passive categories inside a category, of those that were charged. */
  function feesIn(category: string, prices: Prices): string[] {
    return [...prices.keys()].filter((fee) => {
      if (!isPassive(fee) || !isCharged(fee, prices)) return false;
      for (const rollup of rollupsOf(fee)) {
        if (rollup === category) return true;
        if (isPassive(rollup) && isCharged(rollup, prices)) return false;
      }
      return false;
    });
  }

  function isUsed(category: string, prices: Prices): boolean {
    if (isPassive(category) || !isCharged(category, prices)) return false;
    let rest = prices.get(category) ?? ZERO;
    for (const fee of feesIn(category, prices)) rest = subtract(rest, prices.get(fee) ?? ZERO);
    return rest !== ZERO;
  }

  function isContained(category: string, prices: Prices): boolean {
    for (const rollup of rollupsOf(category)) {
      if (serviceOf(rollup) !== serviceOf(category) || isPassive(rollup) !== isPassive(category)) continue;
      if (isUsed(category, prices) ? isUsed(rollup, prices) : isCharged(rollup, prices)) return true;
    }
    return false;
  }

  return {
    services: USAGE_SERVICES,
    serviceOf,
    isKnown: (category) => category.toLowerCase() === TOTAL_PRICE || categories.has(category.toLowerCase()),
    isPassive,
    charged(prices) {
      const found = new Map<string, ChargedService>();
      for (const category of prices.keys()) {
        if (category === TOTAL_PRICE || !isCharged(category, prices)) continue;
        const service = serviceOf(category);
        const known = found.get(service.slug);
        found.set(service.slug, { service, isUsed: known?.isUsed === true || isUsed(category, prices) });
      }
      return found;
    },
    toRead(prices) {
      return [...prices.keys()]
        .filter((name) => name !== TOTAL_PRICE && isCharged(name, prices) && !isContained(name, prices))
        .map((category) => {
          const used = isUsed(category, prices);
          const fees = used ? feesIn(category, prices) : [];
          return { category, service: serviceOf(category), isUsed: used, fees };
        });
    },
  };
}
