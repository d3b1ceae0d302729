import { type Account, type AccountSid, compareAccounts } from "../directory/account.js";
import { isDirectoryError } from "../directory/errors.js";
import type { AccountGateway, Clock, CreationIntent } from "../directory/ports.js";
import type { Creation } from "./open-creations.js";

/** `dateCreated` has whole seconds, so an account may look older than the intent to create it. */
const CREATED_BEFORE_MS = 2_000;

/** An intent's request is sent within the deadline of its write; what was created later is somebody else's. */
const CREATED_AFTER_MS = 60_000;

/** How often Twilio is asked while a lost request may still take effect. */
const LOOK_AGAIN_MS = 1_000;

export interface SearchOptions {
  readonly gateway: AccountGateway;
  readonly clock: Clock;
  /** Whether it is known that somebody else made an account. */
  readonly isAnothers: (sid: AccountSid) => boolean;
}

/**
 * The account that a creation made, looked for until it is found or `settledAt` has come: then it is certain that there is
 * none.
 *
 * @param settledAt epoch milliseconds
 * @throws the signal's reason, or a DirectoryError where Twilio does not tell
 */
export async function lookForAccount(
  creation: Creation,
  settledAt: number,
  options: SearchOptions,
  signal: AbortSignal,
): Promise<Account | undefined> {
  const { clock } = options;
  for (;;) {
    // What Twilio answers late, it may have looked up early.
    const isCertain = clock.now() >= settledAt;
    const account = await findAccount(creation, options, signal);
    if (account !== undefined || isCertain) return account;
    const waitMs = Math.max(settledAt - clock.now(), 0);
    await clock.sleep(Math.min(waitMs, LOOK_AGAIN_MS), signal);
    signal.throwIfAborted();
  }
}

/**
 * The account that a creation made, as far as Twilio shows it now.
 *
 * @throws DirectoryError where Twilio does not tell
 */
export async function findAccount(
  { intent, account: made }: Creation,
  { gateway, isAnothers }: SearchOptions,
  signal: AbortSignal,
): Promise<Account | undefined> {
  if (made === undefined) return findByIntent(intent, { gateway, isAnothers }, signal);
  try {
    const account = await gateway.fetch(made.sid, { priority: "lifecycle", signal });
    return account.status === "closed" || isAnothers(made.sid) ? undefined : account;
  } catch (error) {
    if (isDirectoryError(error, "accountNotFound")) return undefined;
    throw error;
  }
}

/** The oldest open account with the intent's name that was created when it was asked for. */
async function findByIntent(
  { friendlyName, askedAt, askedAtTwilioTime }: CreationIntent,
  { gateway, isAnothers }: Omit<SearchOptions, "clock">,
  signal: AbortSignal,
): Promise<Account | undefined> {
  const namesakes = await gateway.findByFriendlyName(friendlyName, { priority: "lifecycle", signal });
  // One of the clocks may have been set since: what Twilio answered just now tells by how much they differ today.
  const askedAtTwilioTimes = [askedAtTwilioTime, askedAt + (gateway.clockOffsetMs() ?? 0)];
  const isOfThen = ({ dateCreated }: Account) =>
    askedAtTwilioTimes.some(
      (at) => dateCreated >= at - CREATED_BEFORE_MS && dateCreated <= at + CREATED_AFTER_MS,
    );
  const [oldest] = namesakes
    .filter((account) => account.friendlyName === friendlyName && account.status !== "closed")
    .filter(isOfThen)
    .filter(({ sid }) => !isAnothers(sid))
    .sort(compareAccounts);
  return oldest;
}
