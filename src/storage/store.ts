import type { DirectoryStore } from "../directory/ports.js";
import type { AuditStore } from "../lifecycle/audit-store.js";

/** All that the bridge keeps in its database. */
export interface Store extends DirectoryStore {
  readonly audit: AuditStore;
}
