import type { CredentialVerifier, Principal } from "./principal.js";
import { digestOf } from "./token.js";

/** The tokens that stand in the configuration. */
export interface StaticTokens {
  /** `SCIM_TOKEN`: has the scope `provision`. */
  readonly scimToken: string | undefined;
  /** `ADMIN_TOKEN`: has the scope `admin`. */
  readonly adminToken: string | undefined;
}

/** Accepts the tokens of the configuration. Their holders are called after the variables. */
export function createStaticTokenVerifier({ scimToken, adminToken }: StaticTokens): CredentialVerifier {
  const principals = new Map<string, Principal>();
  function accept(token: string | undefined, principal: Principal): void {
    if (token !== undefined) principals.set(digestOf(token), principal);
  }
  accept(scimToken, { name: "SCIM_TOKEN", scheme: "static", scope: "provision" });
  accept(adminToken, { name: "ADMIN_TOKEN", scheme: "static", scope: "admin" });
  return (credential) => principals.get(digestOf(credential));
}
