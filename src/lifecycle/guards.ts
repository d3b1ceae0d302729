import { type Account, type AccountSid, isOwnerAccount } from "../directory/account.js";
import { DirectoryError } from "../directory/errors.js";
import type { User } from "../directory/user.js";

export interface GuardOptions {
  /** `TWILIO_ACCOUNT_SID`: the account whose credentials the bridge uses. */
  readonly ownerAccountSid: AccountSid;
  /** `PROTECTED_ACCOUNTS` */
  readonly protectedAccounts: ReadonlySet<AccountSid>;
  /** `MANAGE=linked`: only accounts with an identity may be changed. */
  readonly linkedOnly: boolean;
}

/** What must never be changed, whoever asks. */
export class Guards {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /**
   * Before anything is sent to Twilio about an account.
   *
   * @throws DirectoryError `accountProtected`
   */
  assertMayReachTwilio(account: Account): void {
    if (account.sid === this.#options.ownerAccountSid || isOwnerAccount(account)) {
      throw new DirectoryError(
        "accountProtected",
        "This is the Twilio account that owns all others. The bridge never changes it.",
      );
    }
    if (this.#options.protectedAccounts.has(account.sid)) {
      throw new DirectoryError(
        "accountProtected",
        "This account is protected by the bridge's configuration.",
      );
    }
  }

  /**
   * Before anything at all is changed about an account.
   *
   * @throws DirectoryError `accountNotLinked`
   */
  assertMayChange({ account, identity }: User): void {
    if (!this.#options.linkedOnly || identity !== undefined) return;
    throw new DirectoryError(
      "accountNotLinked",
      `The account ${account.sid} was not created through the bridge, which manages only those that were.`,
    );
  }
}
