import type { Account, AccountStatus } from "./account.js";
import { formatRfc2822 } from "./calendar.js";

/** An account as Twilio's API shows it (schema `api.v2010.account`). */
export function accountResource(account: Account, status: AccountStatus, ownerSid: string): object {
  const base = `/2010-04-01/Accounts/${account.sid}`;
  return {
    auth_token: account.authToken,
    date_created: formatRfc2822(account.createdAtMs),
    date_updated: formatRfc2822(account.updatedAtMs),
    friendly_name: account.friendlyName,
    owner_account_sid: ownerSid,
    sid: account.sid,
    status,
    subresource_uris: {
      addresses: `${base}/Addresses.json`,
      applications: `${base}/Applications.json`,
      authorized_connect_apps: `${base}/AuthorizedConnectApps.json`,
      available_phone_numbers: `${base}/AvailablePhoneNumbers.json`,
      balance: `${base}/Balance.json`,
      calls: `${base}/Calls.json`,
      conferences: `${base}/Conferences.json`,
      connect_apps: `${base}/ConnectApps.json`,
      incoming_phone_numbers: `${base}/IncomingPhoneNumbers.json`,
      keys: `${base}/Keys.json`,
      messages: `${base}/Messages.json`,
      notifications: `${base}/Notifications.json`,
      outgoing_caller_ids: `${base}/OutgoingCallerIds.json`,
      queues: `${base}/Queues.json`,
      recordings: `${base}/Recordings.json`,
      short_codes: `${base}/SMS/ShortCodes.json`,
      signing_keys: `${base}/SigningKeys.json`,
      sip: `${base}/SIP.json`,
      transcriptions: `${base}/Transcriptions.json`,
      usage: `${base}/Usage.json`,
    },
    type: account.type,
    uri: `${base}.json`,
  };
}
