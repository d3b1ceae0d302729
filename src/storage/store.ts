import type { ClientStore } from "../access/client-store.js";
import type { TokenStore } from "../access/token-store.js";
import type { DirectoryStore } from "../directory/ports.js";
import type { AuditStore } from "../lifecycle/audit-store.js";
import type { BrakeStore } from "../lifecycle/brake-store.js";
import type { ClosingStore } from "../lifecycle/closing-store.js";
import type { RetentionStore } from "../lifecycle/retention-store.js";

/** All that the bridge keeps, in one database. */
export interface Store extends DirectoryStore {
  readonly tokens: TokenStore;
  readonly clients: ClientStore;
  readonly audit: AuditStore;
  readonly brakes: BrakeStore;
  readonly closings: ClosingStore;
  readonly retention: RetentionStore;
}
