import type { Principal } from "../access/principal.js";

declare global {
  namespace Express {
    /** What is known of a request once it has been let in. */
    interface Locals {
      requestId: string;
      principal?: Principal;
      /** Of a credential that was refused: see digestOf. */
      failedDigest?: string;
      /** The client that a token was refused to, by its id. */
      failedClient?: string;
    }
  }
}
