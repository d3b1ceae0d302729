import type { AccountSid } from "../directory/account.js";

/** What was written about users whose accounts are closed. Throws DirectoryError `storageUnavailable`. */
export interface RetentionStore {
  /**
   * Erases identities for good, so that not even the file of the database holds them any more.
   *
   * @param closedBefore epoch milliseconds: of accounts that were closed before that
   * @param limit how many at most, in one transaction
   * @returns whose were erased
   */
  eraseIdentities(closedBefore: number, limit: number): Promise<readonly AccountSid[]>;
}
