import type { Principal } from "./authentication.js";

declare global {
  namespace Express {
    /** What is known of a request once it has been let in. */
    interface Locals {
      requestId: string;
      principal?: Principal;
    }
  }
}
