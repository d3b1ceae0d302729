import { type Account, type AccountSid, compareAccounts } from "../directory/account.js";
import type { AccountGateway, CreationIntent } from "../directory/ports.js";

/** `dateCreated` has whole seconds, so an account may look older than the intent to create it. */
const CREATED_BEFORE_MS = 2_000;

/** An intent's request is sent within the deadline of its write; what was created later is somebody else's. */
const CREATED_AFTER_MS = 60_000;

/**
 * The account that an intent made, as far as Twilio shows it now: the oldest open one with its name, created when it was
 * asked for.
 *
 * @param isAnothers whether it is known that somebody else made an account
 * @throws DirectoryError what `AccountGateway.findByFriendlyName` throws
 */
export async function findAccountOf(
  { friendlyName, askedAtTwilioTime }: CreationIntent,
  isAnothers: (sid: AccountSid) => boolean,
  gateway: AccountGateway,
  signal: AbortSignal,
): Promise<Account | undefined> {
  const namesakes = await gateway.findByFriendlyName(friendlyName, { priority: "lifecycle", signal });
  const [oldest] = namesakes
    .filter((account) => account.friendlyName === friendlyName && account.status !== "closed")
    .filter(({ dateCreated }) => dateCreated >= askedAtTwilioTime - CREATED_BEFORE_MS)
    .filter(({ dateCreated }) => dateCreated <= askedAtTwilioTime + CREATED_AFTER_MS)
    .filter(({ sid }) => !isAnothers(sid))
    .sort(compareAccounts);
  return oldest;
}
