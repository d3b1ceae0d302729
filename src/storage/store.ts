import type { DirectoryStore } from "../directory/ports.js";
import type { BrakeStore } from "../lifecycle/brake-store.js";
import type { ClosingStore } from "../lifecycle/closing-store.js";

/** All that the bridge keeps: what the directory knows, and a part for each who needs one. */
export interface Store extends DirectoryStore {
  readonly brakes: BrakeStore;
  readonly closings: ClosingStore;
}
