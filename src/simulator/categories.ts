/**
 * Twilio's usage categories, or rather a fair part of them, with the roll-ups that contain them. A charge counts in its
 * own category, in all roll-ups above it, and where Twilio shows the same money in a second category (`alsoIn`), in that
 * one and the roll-ups above it too.
 */
export interface Category {
  readonly name: string;
  readonly description: string;
  /** The roll-up that contains this category. */
  readonly parent: string | undefined;
  readonly alsoIn: string | undefined;
  readonly countUnit: string;
  readonly usageUnit: string;
  /** Not one of Twilio's: stands for a category that a client has never heard of. Listed only when charged. */
  readonly madeUp: boolean;
}

/** The grand total of an account. It names no service; a charge can be in it and in no other category. */
export const TOTAL_PRICE = "totalprice";

export interface Categories {
  /** In the order in which usage records are listed; made-up ones excluded. */
  readonly listed: readonly string[];
  readonly leaves: readonly string[];
  readonly madeUp: readonly string[];
  /** Of any category, known or not; the name is compared without case. */
  describe(name: string): Category;
  /** All categories that a charge in the given ones counts in, `totalprice` included, each once. */
  containing(names: readonly string[]): readonly string[];
}

export function createCategories(): Categories {
  const all = [...parseTable(TABLE, false), ...parseTable(MADE_UP, true)];
  const byName = new Map(all.map((category) => [category.name.toLowerCase(), category]));
  const parents = new Set(all.flatMap((category) => category.parent ?? []));
  const known = all.filter((category) => !category.madeUp).map((category) => category.name);
  const closures = new Map<string, readonly string[]>();

  const describe = (name: string): Category =>
    byName.get(name.toLowerCase()) ?? {
      name,
      description: name.replaceAll("-", " "),
      parent: undefined,
      alsoIn: undefined,
      countUnit: "",
      usageUnit: "",
      madeUp: true,
    };

  return {
    listed: known,
    leaves: known.filter((name) => name !== TOTAL_PRICE && !parents.has(name)),
    madeUp: all.filter((category) => category.madeUp).map((category) => category.name),
    describe,
    containing(names) {
      const key = names.join("|");
      const remembered = closures.get(key);
      if (remembered !== undefined) return remembered;
      const found = new Set([TOTAL_PRICE]);
      for (const name of names) {
        for (let up: string | undefined = name; up !== undefined; up = describe(up).parent) {
          found.add(describe(up).name);
        }
      }
      const closure = [...found];
      closures.set(key, closure);
      return closure;
    },
  };
}

function parseTable(table: string, madeUp: boolean): Category[] {
  const lines = table.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [name = "", description = "", parent, countUnit = "", usageUnit = "", alsoIn] = line
      .split("|")
      .map((cell) => cell.trim());
    return {
      name,
      description,
      parent: parent || undefined,
      alsoIn: alsoIn || undefined,
      countUnit,
      usageUnit,
      madeUp,
    };
  });
}

/** name | description | parent | count unit | usage unit | also in */
const TABLE = `
totalprice | Total Price | | |
calls | Voice Minutes | | calls | minutes
calls-client | Client Voice Minutes | calls | calls | minutes
calls-globalconference | Global Conference Minutes | calls | calls | minutes
calls-inbound | Inbound Voice Minutes | calls | calls | minutes
calls-inbound-local | Inbound Local Voice Minutes | calls-inbound | calls | minutes
calls-inbound-mobile | Inbound Mobile Voice Minutes | calls-inbound | calls | minutes
calls-inbound-tollfree | Inbound Toll-Free Voice Minutes | calls-inbound | calls | minutes
calls-inbound-tollfree-local | Inbound Toll-Free Minutes, Local | calls-inbound-tollfree | calls | minutes
calls-inbound-tollfree-mobile | Inbound Toll-Free Minutes, Mobile | calls-inbound-tollfree | calls | minutes
calls-outbound | Outbound Voice Minutes | calls | calls | minutes
calls-sip | SIP Minutes | calls | calls | minutes
calls-sip-inbound | Inbound SIP Minutes | calls-sip | calls | minutes
calls-sip-outbound | Outbound SIP Minutes | calls-sip | calls | minutes
answering-machine-detection | Answering Machine Detection | | calls | calls
amazon-polly | Amazon Polly Characters | | requests | characters
speech-recognition | Speech Recognition | | requests | requests
transcriptions | Transcriptions | | transcriptions | minutes
voice-insights | Voice Insights | | minutes | minutes
voice-insights-client-insights-on-demand-minute | Client Insights Minutes | voice-insights | minutes | minutes
voice-insights-ptsn-insights-on-demand-minute | PSTN Insights Minutes | voice-insights | minutes | minutes
voice-intelligence | Voice Intelligence | | minutes | minutes
voice-intelligence-transcription | Voice Intelligence Transcription | voice-intelligence | minutes | minutes
recordings | Recordings | | recordings | minutes
recordings-encrypted | Encrypted Recordings | recordings | recordings | minutes
recordingstorage | Recording Storage | | recordings | minutes
sms | SMS | | messages | segments
sms-inbound | Inbound SMS | sms | messages | segments
sms-inbound-longcode | Inbound Long Code SMS | sms-inbound | messages | segments
sms-inbound-shortcode | Inbound Short Code SMS | sms-inbound | messages | segments
sms-inbound-tollfree | Inbound Toll-Free SMS | sms-inbound | messages | segments
sms-outbound | Outbound SMS | sms | messages | segments
sms-outbound-longcode | Outbound Long Code SMS | sms-outbound | messages | segments
sms-outbound-shortcode | Outbound Short Code SMS | sms-outbound | messages | segments
sms-outbound-tollfree | Outbound Toll-Free SMS | sms-outbound | messages | segments
sms-messages-carrierfees | SMS Carrier Fees | sms | messages | messages
mms | MMS | | messages | messages
mms-inbound | Inbound MMS | mms | messages | messages
mms-inbound-longcode | Inbound Long Code MMS | mms-inbound | messages | messages
mms-inbound-shortcode | Inbound Short Code MMS | mms-inbound | messages | messages
mms-outbound | Outbound MMS | mms | messages | messages
mms-outbound-longcode | Outbound Long Code MMS | mms-outbound | messages | messages
mms-outbound-shortcode | Outbound Short Code MMS | mms-outbound | messages | messages
mms-messages-carrierfees | MMS Carrier Fees | mms | messages | messages
mediastorage | Media Storage | | media | megabytes
channels | Channels | | messages | messages
channels-messaging | Messaging Channels | channels | messages | messages
channels-messaging-inbound | Inbound Channel Messages | channels-messaging | messages | messages
channels-messaging-outbound | Outbound Channel Messages | channels-messaging | messages | messages
channels-whatsapp | WhatsApp | | messages | messages
channels-whatsapp-inbound | Inbound WhatsApp | channels-whatsapp | messages | messages
channels-whatsapp-outbound | Outbound WhatsApp | channels-whatsapp | messages | messages
channels-whatsapp-template-marketing | WhatsApp Marketing Templates | channels-whatsapp | messages | messages
usage-RCS-messages | RCS Messages | | messages | messages
usage-RCS-messages-inbound | Inbound RCS Messages | usage-RCS-messages | messages | messages
usage-RCS-single-messages-outbound | Outbound RCS Single Messages | usage-RCS-messages | messages | messages
phonenumbers | Phone Numbers | | numbers | numbers
phonenumbers-emergency | Emergency Phone Numbers | phonenumbers | numbers | numbers
phonenumbers-local | Local Phone Numbers | phonenumbers | numbers | numbers
phonenumbers-mobile | Mobile Phone Numbers | phonenumbers | numbers | numbers
phonenumbers-setups | Phone Number Setups | phonenumbers | numbers | numbers
phonenumbers-tollfree | Toll-Free Phone Numbers | phonenumbers | numbers | numbers
shortcodes | Short Codes | | short codes | short codes
shortcodes-random | Random Short Codes | shortcodes | short codes | short codes
shortcodes-vanity | Vanity Short Codes | shortcodes | short codes | short codes
a2p-registration-fees | A2P Registration Fees | | registrations | registrations
a2p-10dlc-registrationfees-brandregistration | A2P Brand Registration | a2p-registration-fees | registrations | registrations
a2p-10dlc-registrationfees-monthly | A2P Campaign Monthly Fees | a2p-registration-fees | registrations | registrations
account-security | Account Security | | events | events
verify-push | Verify Push | account-security | verifications | verifications
verify-sna | Verify Silent Network Auth | account-security | verifications | verifications
verify-totp | Verify TOTP | account-security | verifications | verifications
verify-voice-and-sms | Verify Voice and SMS | account-security | messages | messages | sms-outbound-longcode
authy-authentications | Authy Authentications | | authentications | authentications
authy-calls-outbound | Authy Calls Outbound | | calls | calls | calls-outbound
authy-monthly-fees | Authy Monthly Fees | | fees | fees
authy-phone-verifications | Verify Phone Verifications | account-security | verifications | verifications
authy-sms-outbound | Authy SMS Outbound | | messages | messages | sms-outbound-longcode
lookups | Lookups | | lookups | lookups
calleridlookups | Caller ID Lookups | lookups | lookups | lookups
calleridlookups-api | Caller ID Lookups, API | calleridlookups | lookups | lookups
carrier-lookups | Carrier Lookups | lookups | lookups | lookups
fraud-lookups | Fraud Lookups | lookups | lookups | lookups
number-format-lookups | Number Format Lookups | lookups | lookups | lookups
elastic-sip-trunking | Elastic SIP Trunking | | calls | minutes
trunking-origination | Trunking Origination Minutes | elastic-sip-trunking | calls | minutes
trunking-origination-local | Trunking Origination Local Minutes | trunking-origination | calls | minutes
trunking-origination-tollfree | Trunking Origination Toll-Free Minutes | trunking-origination | calls | minutes
trunking-termination | Trunking Termination Minutes | elastic-sip-trunking | calls | minutes
turnmegabytes | NAT Traversal | | megabytes | megabytes
turnmegabytes-australia | NAT Traversal, Australia | turnmegabytes | megabytes | megabytes
turnmegabytes-ireland | NAT Traversal, Ireland | turnmegabytes | megabytes | megabytes
turnmegabytes-useast | NAT Traversal, US East | turnmegabytes | megabytes | megabytes
turnmegabytes-uswest | NAT Traversal, US West | turnmegabytes | megabytes | megabytes
group-rooms | Video Group Rooms | | participants | minutes
group-rooms-participant-minutes | Group Room Participant Minutes | group-rooms | participants | minutes
group-rooms-recorded-minutes | Group Room Recorded Minutes | group-rooms | recordings | minutes
conversations | Conversations | | users | users
conversations-api-requests | Conversations API Requests | conversations | requests | requests
flex | Flex | | users | hours
flex-active-user-hours | Flex Active User Hours | flex | users | hours
task-router | TaskRouter | | tasks | tasks
taskrouter-tasks | TaskRouter Tasks | task-router | tasks | tasks
studio | Studio | | engagements | engagements
studio-engagements | Studio Engagements | studio | engagements | engagements
sync | Sync | | actions | actions
sync-actions | Sync Actions | sync | actions | actions
notify | Notify | | notifications | notifications
notify-actions-attempts | Notify Attempts | notify | notifications | notifications
proxy | Proxy | | sessions | sessions
proxy-active-sessions | Proxy Active Sessions | proxy | sessions | sessions
monitor | Monitor | | events | events
monitor-reads | Monitor Reads | monitor | reads | reads
monitor-writes | Monitor Writes | monitor | writes | writes
monitor-storage | Monitor Storage | monitor | events | events
wireless | Programmable Wireless | | sims | megabytes
wireless-usage | Wireless Usage | wireless | sims | megabytes
wireless-usage-data | Wireless Data | wireless-usage | sims | megabytes
wireless-usage-data-europe | Wireless Data, Europe | wireless-usage-data | sims | megabytes
wireless-usage-mrc | Wireless Monthly Charges | wireless-usage | sims | sims
wireless-usage-mrc-individual | Wireless Individual Plans | wireless-usage-mrc | sims | sims
marketplace | Marketplace | | requests | requests
marketplace-nomorobo-spam-score | Nomorobo Spam Score | marketplace | requests | requests
premiumsupport | Premium Support | | fees | fees
email | Email | | messages | messages
`;

const MADE_UP = `
hologram-minutes | Hologram Minutes | | calls | minutes
quantum-relay-messages | Quantum Relay Messages | | messages | messages
Satellite-Pings | Satellite Pings | | pings | pings
`;
