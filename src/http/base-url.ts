import type { Request } from "express";

/** Where all SCIM resources live, below the service's own address. */
export const SCIM_PATH = "/scim/v2";

/** A host with or without a port, and nothing that could break out of a URL. */
const HOST_FORM = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** Tells the absolute URL under which the client reaches the SCIM resources. */
export type BaseUrl = (request: Pick<Request, "host" | "protocol" | "socket">) => string;

/**
 * @param publicUrl `PUBLIC_URL`, without a slash at its end; undefined: the request's own host, which is a proxy's word
 *   only where `TRUST_PROXY` allows it
 */
export function createBaseUrl(publicUrl: string | undefined): BaseUrl {
  if (publicUrl !== undefined) return () => `${publicUrl}${SCIM_PATH}`;
  return (request) => {
    const asked = request.host ?? "";
    const host = HOST_FORM.test(asked) ? asked : `localhost:${request.socket.localPort}`;
    // Many proxies pass on what a client put into X-Forwarded-Proto.
    const protocol = request.protocol.toLowerCase() === "https" ? "https" : "http";
    return `${protocol}://${host}${SCIM_PATH}`;
  };
}
