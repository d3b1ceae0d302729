import type { FaultRule } from "./fault-rule.js";
import type { Random } from "./randomness.js";

/** A rule that was set, and what became of it. */
export interface SetFault {
  readonly id: string;
  readonly rule: FaultRule;
  /** Requests that matched, those let by included. */
  readonly matched: number;
  /** Requests that it broke. */
  readonly fired: number;
}

export interface Faults {
  /** Rules are tried in the order in which they were added. */
  add(rule: FaultRule): SetFault;
  list(): SetFault[];
  /** Removes one rule, or all, and lets go of the requests that they hold. False when there is no such rule. */
  clear(id?: string): boolean;
  /** Lets the held requests go on. The rule stays. */
  release(id: string): boolean;
  /** Resolves once the rule has broken this many requests (1 when left out). For tests, in place of a sleep. */
  whenFired(id: string, times?: number): Promise<void>;
  /** What happens to a request. Counts as having matched. */
  plan(request: FaultedRequest): FaultPlan;
}

export interface FaultedRequest {
  readonly method: string;
  readonly path: string;
  readonly route: string;
  readonly accountSid: string;
}

type Delay = Extract<FaultRule, { kind: "latency" | "hold" }>;
export type Breakage = Exclude<FaultRule, Delay>;

export interface FaultPlan {
  readonly before: readonly PlannedWait[];
  readonly after: readonly PlannedWait[];
  /** The first rule that breaks this request, if any does. */
  readonly breakage: Breakage | undefined;
}

/** A number of milliseconds, or a promise that is kept when the request is let go. */
export type PlannedWait = number | Promise<void>;

export const NO_FAULTS: FaultPlan = { before: [], after: [], breakage: undefined };

export function createFaults(random: Random): Faults {
  const rules = new Map<string, ActiveRule>();
  let nextId = 1;
  return {
    add(rule) {
      const active = createActiveRule(`fault-${nextId}`, rule, random);
      nextId += 1;
      rules.set(active.id, active);
      return active.state();
    },
    list: () => [...rules.values()].map((rule) => rule.state()),
    clear(id) {
      const going = id === undefined ? [...rules.values()] : [rules.get(id)];
      for (const rule of going) {
        rule?.release();
        if (rule !== undefined) rules.delete(rule.id);
      }
      return going.every((rule) => rule !== undefined);
    },
    release(id) {
      rules.get(id)?.release();
      return rules.has(id);
    },
    async whenFired(id, times = 1) {
      const rule = rules.get(id);
      if (rule === undefined) throw new RangeError(`There is no fault ${id}.`);
      await rule.whenFired(times);
    },
    plan: (request) => (rules.size === 0 ? NO_FAULTS : planFor(request, rules.values())),
  };
}

function planFor(request: FaultedRequest, rules: Iterable<ActiveRule>): FaultPlan {
  const before: PlannedWait[] = [];
  const after: PlannedWait[] = [];
  let breakage: Breakage | undefined;
  for (const active of rules) {
    const { rule } = active;
    if (rule.kind === "latency" || rule.kind === "hold") {
      if (!active.fires(request)) continue;
      const waits = rule.at === "after" ? after : before;
      waits.push(rule.kind === "latency" ? rule.ms : active.held());
    } else if (breakage === undefined && active.fires(request)) {
      breakage = rule;
    }
  }
  return { before, after, breakage };
}

interface ActiveRule {
  readonly id: string;
  readonly rule: FaultRule;
  state(): SetFault;
  fires(request: FaultedRequest): boolean;
  held(): Promise<void>;
  release(): void;
  whenFired(times: number): Promise<void>;
}

function createActiveRule(id: string, rule: FaultRule, random: Random): ActiveRule {
  const path = rule.path === undefined ? undefined : new RegExp(rule.path);
  const { count = Number.POSITIVE_INFINITY, skip = 0, probability = 1 } = rule;
  let matched = 0;
  let fired = 0;
  let releases: (() => void)[] = [];
  let watchers: { times: number; resolve: () => void }[] = [];

  const matches = (request: FaultedRequest) =>
    (rule.method === undefined || rule.method.toUpperCase() === request.method) &&
    (rule.route === undefined || rule.route === request.route) &&
    (rule.accountSid === undefined || rule.accountSid === request.accountSid) &&
    (path === undefined || path.test(request.path));

  return {
    id,
    rule,
    state: () => ({ id, rule, matched, fired }),
    fires(request) {
      if (fired >= count || !matches(request)) return false;
      matched += 1;
      if (matched <= skip || (probability < 1 && random() >= probability)) return false;
      fired += 1;
      for (const watcher of watchers) if (watcher.times <= fired) watcher.resolve();
      watchers = watchers.filter((watcher) => watcher.times > fired);
      return true;
    },
    held: () => new Promise((resolve) => releases.push(resolve)),
    release() {
      for (const letGo of releases) letGo();
      releases = [];
    },
    whenFired: (times) =>
      fired >= times
        ? Promise.resolve()
        : new Promise((resolve) => {
            watchers.push({ times, resolve });
          }),
  };
}
