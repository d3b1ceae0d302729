import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import { type RequestHandler, Router } from "express";
import { ScimError } from "../scim/errors.js";

/** What an orchestrator asks on the machine itself, whose address nobody lists. It tells nothing. */
const OPEN_PATH = "/healthz";

/**
 * Refuses with 403 who is not in one of these networks (`ALLOWED_NETWORKS`), before anything else of the request is looked
 * at. The address is the client's: behind proxies that are trusted the one that they tell, otherwise the connection's.
 *
 * @param networks addresses and networks in the form of CIDR
 * @param beforeRefusal what refused requests pass as well, such as the access log
 */
export function allowNetworks(
  networks: readonly string[],
  beforeRefusal: readonly RequestHandler[],
): RequestHandler {
  const isAllowed = createNetworkCheck(networks);
  const refuse = Router();
  refuse.use(...beforeRefusal, () => {
    throw new ScimError(403, undefined, "Requests from this address are not allowed.");
  });
  return (request, response, next) => {
    if (isAllowed(request.ip) || request.path === OPEN_PATH) next();
    else refuse(request, response, next);
  };
}

/** Tells whether an address is in one of the networks. What is no address, is in none. */
export function createNetworkCheck(networks: readonly string[]): (address: string | undefined) => boolean {
  // One list for each: in a common one, ::/0 would have all of IPv4 as well.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const [written = "", bits] = network.split("/");
    const address = bits === undefined ? plainAddress(written) : written;
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    if (bits === undefined) lists[family].addAddress(address, family);
    else lists[family].addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = plainAddress(address ?? "");
    const family = isIPv4(plain) ? "ipv4" : "ipv6";
    return isIP(plain) !== 0 && lists[family].check(plain, family);
  };
}

/** Without the zone, and in IPv4's form where IPv6 only carries it (RFC 4291 §2.5.5.2): a rule for the one is for both. */
function plainAddress(address: string): string {
  const [withoutZone = ""] = address.split("%");
  if (!isIPv6(withoutZone)) return withoutZone;
  // A URL has one form for all ways to write the same address.
  const { hostname } = new URL(`http://[${withoutZone}]`);
  const [, high, low] = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return withoutZone;
  return [high, low]
    .map((half) => Number.parseInt(half, 16))
    .flatMap((half) => [half >> 8, half & 255])
    .join(".");
}
