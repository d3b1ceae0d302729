import type { Account } from "./account.js";
import type { Charge } from "./charge.js";
import type { SeededCharges } from "./seeded-charges.js";

/** Charges of all accounts. Seeded ones are made when they are first asked for; edits are kept on top of them. */
export interface Ledger {
  /** By day. The same array until something is added or removed, or it has fallen out of the cache. */
  of(account: Account): readonly Charge[];
  /** The account need not have lived on that day: who calls, checks. */
  add(account: Account, charge: Omit<Charge, "id">): Charge;
  /** False when there is no such charge. */
  remove(account: Account, chargeId: string): boolean;
  /** Grows with each edit. */
  revision(): number;
}

interface Edits {
  readonly added: Charge[];
  readonly removed: Set<string>;
}

const CACHED_ACCOUNTS = 512;

export function createLedger(seededCharges: SeededCharges): Ledger {
  const edits = new Map<string, Edits>();
  const cache = new Map<string, readonly Charge[]>();
  let revision = 0;

  const editsOf = (account: Account): Edits => {
    const known = edits.get(account.sid);
    if (known !== undefined) return known;
    const fresh: Edits = { added: [], removed: new Set() };
    edits.set(account.sid, fresh);
    return fresh;
  };

  const compute = (account: Account): readonly Charge[] => {
    const seeded = account.seeded === undefined ? [] : seededCharges(account.seeded);
    const edited = edits.get(account.sid);
    if (edited === undefined) return seeded;
    const kept = [...seeded, ...edited.added].filter((charge) => !edited.removed.has(charge.id));
    return kept.sort((a, b) => a.day - b.day);
  };

  const of = (account: Account): readonly Charge[] => {
    const charges = cache.get(account.sid) ?? compute(account);
    cache.delete(account.sid);
    cache.set(account.sid, charges);
    for (const oldest of cache.keys()) {
      if (cache.size <= CACHED_ACCOUNTS) break;
      cache.delete(oldest);
    }
    return charges;
  };

  const edited = (account: Account) => {
    revision += 1;
    cache.delete(account.sid);
  };

  return {
    of,
    add(account, charge) {
      const { added } = editsOf(account);
      const numbered: Charge = { ...charge, id: `added-${added.length}` };
      added.push(numbered);
      edited(account);
      return numbered;
    },
    remove(account, chargeId) {
      if (!of(account).some((charge) => charge.id === chargeId)) return false;
      editsOf(account).removed.add(chargeId);
      edited(account);
      return true;
    },
    revision: () => revision,
  };
}
