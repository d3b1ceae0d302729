import type { AccountsApi } from "./accounts-api.js";
import type { Handler } from "./exchange.js";
import type { UsageApi } from "./usage-api.js";
import { USAGE_LISTS, type UsageList } from "./usage-window.js";

/** Where a request goes. `route` is the name by which faults and counts know it. */
export type Routed =
  | { readonly route: string; readonly accountSid: string; readonly handler: Handler }
  | { readonly route: "method-not-allowed"; readonly accountSid: string; readonly allow: string }
  | { readonly route: "unknown"; readonly accountSid: string };

export type Router = (method: string, path: string) => Routed;

const PATHS =
  /^\/2010-04-01\/Accounts(?:\/(AC[0-9a-fA-F]{32})(?:\/Usage\/Records(?:\/([A-Za-z]+))?)?)?\.json$/;

/** The routes: `accounts.list|create|fetch|update` and `usage.Records|AllTime|Daily|...`. */
export function createRouter(accounts: AccountsApi, usage: UsageApi): Router {
  const collection: Record<string, [string, Handler]> = {
    GET: ["accounts.list", accounts.list],
    POST: ["accounts.create", accounts.create],
  };
  const instance: Record<string, [string, Handler]> = {
    GET: ["accounts.fetch", accounts.fetch],
    POST: ["accounts.update", accounts.update],
  };
  const usageLists = new Map(
    USAGE_LISTS.map((list) => [
      list,
      { GET: [`usage.${list}`, usage(list)] } as Record<string, [string, Handler]>,
    ]),
  );

  return (method, path) => {
    const [matched, accountSid = "", subList] = PATHS.exec(path) ?? [];
    if (matched === undefined) return { route: "unknown", accountSid: "" };
    const byMethod = path.includes("/Usage/")
      ? usageLists.get((subList ?? "Records") as UsageList)
      : accountSid === ""
        ? collection
        : instance;
    if (byMethod === undefined || subList === "Records") return { route: "unknown", accountSid };
    const found = Object.hasOwn(byMethod, method) ? byMethod[method] : undefined;
    if (found === undefined) {
      return { route: "method-not-allowed", accountSid, allow: Object.keys(byMethod).join(", ") };
    }
    return { route: found[0], accountSid, handler: found[1] };
  };
}
