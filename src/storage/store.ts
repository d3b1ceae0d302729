import type { DirectoryStore } from "../directory/ports.js";
import type { RetentionStore } from "../lifecycle/retention-store.js";

/** All that the bridge keeps in its database. */
export interface Store extends DirectoryStore {
  readonly retention: RetentionStore;
}
