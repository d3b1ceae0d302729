import type { DirectoryStore } from "../../src/directory/ports.js";
import { type Interruption, passes } from "./interruptions.js";

type StoreCall = keyof DirectoryStore;

/** A store whose calls can be interrupted. */
export interface InterruptedStore extends DirectoryStore {
  readonly calls: StoreCall[];
  /** Says what comes between the next such calls and their answers, one after the other. */
  interrupt(call: StoreCall, ...interruptions: Interruption[]): void;
  /** Forgets what was to come between. */
  interruptNothing(): void;
}

/** What else the store has is left as it is. */
export function interrupted<S extends DirectoryStore>(store: S): S & InterruptedStore {
  const planned = new Map<StoreCall, Interruption[]>();
  const calls: StoreCall[] = [];

  async function through<T>(call: StoreCall, effect: () => Promise<T>): Promise<T> {
    calls.push(call);
    const interruption = planned.get(call)?.shift() ?? passes;
    return interruption(effect, undefined);
  }

  return {
    ...store,
    calls,
    interrupt(call, ...interruptions) {
      planned.set(call, [...(planned.get(call) ?? []), ...interruptions]);
    },
    interruptNothing: () => planned.clear(),
    claimOwner: (owner) => through("claimOwner", () => store.claimOwner(owner)),
    load: () => through("load", () => store.load()),
    details: (sids) => through("details", () => store.details(sids)),
    loadGroups: () => through("loadGroups", () => store.loadGroups()),
    saveAccounts: (rows) => through("saveAccounts", () => store.saveAccounts(rows)),
    saveActivities: (rows) => through("saveActivities", () => store.saveActivities(rows)),
    forgetAccounts: (sids) => through("forgetAccounts", () => store.forgetAccounts(sids)),
    markComplete: () => through("markComplete", () => store.markComplete()),
    saveIdentity: (identity, row) => through("saveIdentity", () => store.saveIdentity(identity, row)),
    openIntent: (intent) => through("openIntent", () => store.openIntent(intent)),
    openIntents: () => through("openIntents", () => store.openIntents()),
    fulfilIntent: (id, identity, row) => through("fulfilIntent", () => store.fulfilIntent(id, identity, row)),
    dropIntent: (id) => through("dropIntent", () => store.dropIntent(id)),
    saveGroup: (group, members) => through("saveGroup", () => store.saveGroup(group, members)),
    deleteGroup: (id) => through("deleteGroup", () => store.deleteGroup(id)),
    ping: () => through("ping", () => store.ping()),
    close: () => through("close", () => store.close()),
  };
}
