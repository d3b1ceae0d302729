import type { AccountTruth } from "../../src/simulator/console.js";
import { type Ask, namesAccount, saysActive, saysDisplayName } from "./asked.js";

export type AccountState = Pick<AccountTruth, "status" | "friendlyName">;
/** All accounts at the simulator, by SID. */
export type Accounts = ReadonlyMap<string, AccountState>;

export function accountsAt(accounts: readonly AccountTruth[]): Accounts {
  return new Map(accounts.map(({ sid, status, friendlyName }) => [sid, { status, friendlyName }]));
}

/** What a request was answered, and what else may explain a change. */
export interface EffectContext {
  /** Read only where something has changed. */
  readonly asks: () => readonly Ask[];
  readonly status: number;
  /** SIDs of accounts that nothing may change. */
  readonly untouchable: ReadonlySet<string>;
  /**
   * SIDs of accounts whose creation was answered 503: who asks for the same userName again, or the next pass, brings the
   * creation to its end.
   */
  readonly unfinished: ReadonlySet<string>;
}

/** The SIDs of those that were created, or are not as they were. */
export function changedSids(before: Accounts, after: Accounts): readonly string[] {
  return [...after].flatMap(([sid, now]) => (isSame(before.get(sid), now) ? [] : [sid]));
}

function isSame(was: AccountState | undefined, now: AccountState): boolean {
  return was?.status === now.status && was.friendlyName === now.friendlyName;
}

/** What changed though the request did not ask for it. */
export function complaintsAboutEffects(before: Accounts, after: Accounts, context: EffectContext): string[] {
  if (before === after) return [];
  const gone = [...before.keys()].filter((sid) => !after.has(sid)).map((sid) => `account ${sid} vanished`);
  const created = [...after].filter(([sid]) => !before.has(sid));
  const changed = [...after].flatMap(([sid, now]) => {
    const was = before.get(sid);
    return was === undefined ? [] : complaintsAboutChange(sid, was, now, context);
  });
  return [...gone, ...changed, ...complaintsAboutCreations(created, context)];
}

/** A refusal must not change anything; 503 may, where Twilio's answer was lost. */
function mayHaveEffect({ status }: EffectContext): boolean {
  return status < 300 || status === 503;
}

function complaintsAboutChange(
  sid: string,
  was: AccountState,
  now: AccountState,
  context: EffectContext,
): string[] {
  if (isSame(was, now)) return [];
  const what = `account ${sid} went from ${JSON.stringify(was)} to ${JSON.stringify(now)}`;
  if (context.untouchable.has(sid)) return [`${what}, and it must never change`];
  if (context.unfinished.has(sid) && now.status !== "closed") return [];
  if (!mayHaveEffect(context)) return [`${what}, though the answer was ${context.status}`];
  return isAskedFor(sid, was, now, context.asks()) ? [] : [`${what}, and nobody asked for it`];
}

function isAskedFor(
  sid: string | undefined,
  was: AccountState,
  now: AccountState,
  asks: readonly Ask[],
): boolean {
  const bodies = asks.flatMap((ask) => (ask.kind === "change" && ask.sid === sid ? [ask.body] : []));
  const isNamed =
    was.friendlyName === now.friendlyName || bodies.some((body) => saysDisplayName(body, now.friendlyName));
  return isNamed && (was.status === now.status || isStatusAskedFor(sid, was, now, asks, bodies));
}

function isStatusAskedFor(
  sid: string | undefined,
  was: AccountState,
  now: AccountState,
  asks: readonly Ask[],
  bodies: readonly unknown[],
): boolean {
  switch (now.status) {
    case "closed":
      return asks.some((ask) => ask.kind === "close" && ask.sid === sid);
    case "suspended":
      return was.status === "active" && bodies.some((body) => saysActive(body, false));
    case "active":
      return was.status === "suspended" && bodies.some((body) => saysActive(body, true));
  }
}

function complaintsAboutCreations(
  created: readonly (readonly [string, AccountState])[],
  context: EffectContext,
): string[] {
  if (created.length === 0) return [];
  const asks = context.asks();
  const asked = asks.flatMap((ask) => (ask.kind === "create" ? [ask.body] : []));
  const complaints = created.flatMap(([sid, now]) => {
    const what = `account ${sid} was created as ${JSON.stringify(now)}`;
    if (!mayHaveEffect(context)) return [`${what}, though the answer was ${context.status}`];
    const isExplained = asked.some((body) => isCreationOf(body, now, asks));
    return isExplained ? [] : [`${what}, and nobody asked for it`];
  });
  return created.length > asked.length
    ? [...complaints, `${created.length} accounts were created, ${asked.length} were asked for`]
    : complaints;
}

/** Whether an account can have come of this body, and of what else a bulk request does with what it creates. */
function isCreationOf(body: unknown, now: AccountState, asks: readonly Ask[]): boolean {
  const others = asks.flatMap((ask) => (ask.kind === "change" && ask.sid === undefined ? [ask.body] : []));
  const isNamed =
    namesAccount(body, now.friendlyName) || others.some((other) => saysDisplayName(other, now.friendlyName));
  if (!isNamed) return false;
  switch (now.status) {
    case "active":
      return true;
    case "suspended":
      return [body, ...others].some((said) => saysActive(said, false));
    case "closed":
      return asks.some((ask) => ask.kind === "close" && ask.sid === undefined);
  }
}
