import type { Router } from "express";
import { ScimError } from "../../scim/errors.js";

/** RFC 7644 §3.11: an alias for the user who asks. Who asks here is a client with a token, and no user. */
export function addMeRoutes(router: Router): void {
  router.use("/Me", () => {
    throw new ScimError(
      501,
      undefined,
      "/Me is not supported: a token here stands for a client, not for a user.",
    );
  });
}
