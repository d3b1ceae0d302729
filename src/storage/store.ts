import type { ClientStore } from "../access/client-store.js";
import type { DirectoryStore } from "../directory/ports.js";

/** All that the bridge keeps, in one database. */
export interface Store extends DirectoryStore {
  readonly clients: ClientStore;
}
