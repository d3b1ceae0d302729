import type { CredentialVerifier, Principal, Scope } from "./principal.js";
import { digestOf } from "./token.js";

/** A token that stands in the configuration. */
export interface StaticToken {
  readonly token: string;
  /** The variable that it stands in, which is what its holder is called. */
  readonly name: string;
  readonly scope: Scope;
}

/** Accepts the tokens of the configuration, such as `SCIM_TOKEN`. */
export function createStaticTokenVerifier(tokens: readonly StaticToken[]): CredentialVerifier {
  const principals = new Map<string, Principal>(
    tokens.map(({ token, name, scope }) => [digestOf(token), { name, scheme: "static", scope }]),
  );
  return (credential) => principals.get(digestOf(credential));
}
