import { z } from "zod";
import { ConsoleError } from "./console.js";
import { faultRuleSchema } from "./fault-rule.js";
import type { SimulatorIdentity } from "./simulator-identity.js";
import type { World } from "./world.js";

/** One call of the control endpoint. What `run` returns is the JSON of the answer. */
export interface ControlCall {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/__simulator`; `:name` takes any one segment. */
  readonly path: string;
  run(body: unknown, parameters: readonly string[]): unknown;
}

const type = z.enum(["Trial", "Full"]);
const currency = z.string().regex(/^[a-z]{3}$/);
const noBody = z.strictObject({});
const newAccount = z.strictObject({
  friendlyName: z.string(),
  type: type.optional(),
  currency: currency.optional(),
});
const accountEdit = newAccount.partial();
const price = z.union([z.string(), z.number().transform(String), z.null()]);
const newCharge = z.strictObject({
  accountSid: z.string(),
  day: z.string(),
  category: z.string().min(1),
  price,
  usage: z.number().optional(),
  count: z.number().optional(),
  alsoIn: z.array(z.string()).optional(),
});
const clockChange = z.union([
  z.strictObject({ advanceMs: z.number() }),
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
]);
const settingsChange = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  maxConcurrency: z.int().min(1).nullable().optional(),
  subaccountLimit: z.int().min(0).optional(),
  suspendedUsage: z.enum(["readable", "refused"]).optional(),
  emptyPeriods: z.enum(["listed", "omitted"]).optional(),
});

/** Every call of the control endpoint. docs/simulator.md shows each with an example. */
export function controlCalls(world: World, identity: SimulatorIdentity): readonly ControlCall[] {
  return [
    { method: "GET", path: "", run: () => identity },
    ...clockCalls(world),
    ...settingsCalls(world),
    ...faultCalls(world),
    ...accountCalls(world),
    ...ledgerCalls(world),
    ...trafficCalls(world),
  ];
}

function clockCalls({ clock }: World): ControlCall[] {
  const state = () => ({ now: new Date(clock.now()).toISOString() });
  return [
    { method: "GET", path: "/clock", run: state },
    {
      method: "POST",
      path: "/clock",
      run: (body) => {
        const change = clockChange.parse(body);
        if ("now" in change) clock.set(Date.parse(change.now));
        else clock.advance(change.advanceMs);
        return state();
      },
    },
  ];
}

function settingsCalls({ settings }: World): ControlCall[] {
  return [
    { method: "GET", path: "/settings", run: () => settings.get() },
    {
      method: "POST",
      path: "/settings",
      run: (body) => {
        settings.set(withoutUndefined(settingsChange.parse(body)));
        return settings.get();
      },
    },
  ];
}

function faultCalls({ faults }: World): ControlCall[] {
  const known = (id: string, exists: boolean) => {
    if (!exists) throw new ConsoleError(404, `There is no fault ${id}.`);
  };
  return [
    { method: "GET", path: "/faults", run: () => faults.list() },
    { method: "POST", path: "/faults", run: (body) => faults.add(faultRuleSchema.parse(body)) },
    { method: "DELETE", path: "/faults", run: () => void faults.clear() },
    { method: "DELETE", path: "/faults/:id", run: (_, [id = ""]) => known(id, faults.clear(id)) },
    { method: "POST", path: "/faults/:id/release", run: (_, [id = ""]) => known(id, faults.release(id)) },
  ];
}

function accountCalls({ accounts }: World): ControlCall[] {
  const changes = {
    suspend: accounts.suspend,
    "suspend-by-twilio": accounts.suspendByTwilio,
    reactivate: accounts.reactivate,
    close: accounts.close,
  };
  return [
    { method: "GET", path: "/accounts", run: () => accounts.list() },
    {
      method: "POST",
      path: "/accounts",
      run: (body) => accounts.create(withoutUndefined(newAccount.parse(body))),
    },
    { method: "GET", path: "/accounts/:sid", run: (_, [sid = ""]) => accounts.get(sid) },
    {
      method: "POST",
      path: "/accounts/:sid",
      run: (body, [sid = ""]) => accounts.edit(sid, withoutUndefined(accountEdit.parse(body))),
    },
    { method: "DELETE", path: "/accounts/:sid", run: (_, [sid = ""]) => accounts.delete(sid) },
    ...Object.entries(changes).map(
      ([name, change]): ControlCall => ({
        method: "POST",
        path: `/accounts/:sid/${name}`,
        run: (body, [sid = ""]) => {
          noBody.parse(body);
          return change(sid);
        },
      }),
    ),
  ];
}

function ledgerCalls({ ledger, categories }: World): ControlCall[] {
  const names = [...categories.listed, ...categories.madeUp];
  return [
    { method: "GET", path: "/categories", run: () => names.map(categories.describe) },
    { method: "GET", path: "/ledger/:sid", run: (_, [sid = ""]) => ledger.of(sid) },
    {
      method: "POST",
      path: "/ledger",
      run: (body) => ledger.add(withoutUndefined(newCharge.parse(body))),
    },
    {
      method: "DELETE",
      path: "/ledger/:sid/:chargeId",
      run: (_, [sid = "", chargeId = ""]) => ledger.remove(sid, chargeId),
    },
  ];
}

function trafficCalls({ traffic }: World): ControlCall[] {
  return [
    { method: "GET", path: "/traffic", run: () => traffic.report() },
    { method: "DELETE", path: "/traffic", run: () => traffic.reset() },
  ];
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** zod marks what is left out as possibly undefined; under exactOptionalPropertyTypes that is another thing. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, given]) => given !== undefined)) as Defined<T>;
}
