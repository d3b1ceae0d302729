/** What somebody may do: `read` looks, `provision` also changes users and groups, `admin` also reaches `/admin`. */
export type Scope = "read" | "provision" | "admin";

/** Each includes those before it. */
export const SCOPES: readonly Scope[] = ["read", "provision", "admin"];

/** How somebody has shown who they are. */
export type AuthenticationScheme = "static" | "token" | "jwt" | "oauth";

/** Who a request comes from. */
export interface Principal {
  /** The name of the token or client; never a secret. */
  readonly name: string;
  readonly scheme: AuthenticationScheme;
  readonly scope: Scope;
}

/** Whether a principal may do what needs a scope. */
export function mayDo({ scope }: Principal, needed: Scope): boolean {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(needed);
}

/** Tells who holds a credential that came as a bearer token; undefined where this verifier knows nobody who does. */
export type CredentialVerifier = (
  credential: string,
) => Principal | undefined | Promise<Principal | undefined>;
