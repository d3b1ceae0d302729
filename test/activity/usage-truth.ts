import type { World } from "../../src/simulator/world.js";

/**
 * What is true about an account's activity, from the raw ledger and by the definition alone:
 *
 * - a category is charged on a day where the charges in it, credits included, do not add up to zero;
 * - it is used on a day where that holds for those of its charges that are no fees;
 * - a service was charged, or used, on the latest day on which one of its categories was;
 * - an account was charged on the latest day on which any category was, `totalprice` included; it was used when a service was;
 * - a category whose charges add up to zero over the account's whole life shows in no list of Twilio's and does not count.
 *
 * Prices are in millionths.
 */
export function truthAbout(world: World, sid: string): object {
  const book = bookOf(world, sid);
  const total = book.get("totalprice");
  const services = new Map<string, { last: string | undefined; used: string | undefined }>();
  for (const [category, { all, used, byDay, usedByDay }] of book) {
    if (category === "totalprice" || all === 0n) continue;
    const name = serviceOf(category);
    const service = services.get(name) ?? { last: undefined, used: undefined };
    service.last = later(service.last, lastDay(byDay));
    if (used !== 0n) service.used = later(service.used, lastDay(usedByDay));
    services.set(name, service);
  }
  const shown = [...services].map(([display, { last, used }]) => ({
    service: slug(display),
    display,
    ...days(last, used),
  }));
  const today = new Date(world.clock.now()).toISOString().slice(0, 10);
  const rereadFrom = new Date(Date.parse(today) - 2 * 86_400_000).toISOString().slice(0, 10);
  const recent = [...(total?.byDay ?? [])].filter(([day, price]) => day >= rereadFrom && price !== 0n);
  return {
    ...days(
      [
        total === undefined ? undefined : lastDay(total.byDay),
        ...shown.map((one) => one.lastActivity),
      ].reduce(later, undefined),
      shown.map((one) => one.lastActivityExcludingFees).reduce(later, undefined),
    ),
    services: shown.sort((a, b) => (a.service < b.service ? -1 : 1)),
    spend: {
      total: decimal(total?.all ?? 0n),
      currency: world.accounts.get(sid).currency.toUpperCase(),
    },
    recentCharges: Object.fromEntries(recent.map(([day, price]) => [day, decimal(price)])),
    readUntil: today,
  };
}

/**
 * How many categories have to be read: those ever charged, without what is contained in a charged roll-up of the same
 * service that is a fee as well, or no fee as well. And how many of these, or the total, lie further back than 1000 days
 * in their last charge or in their last use; to tell use from fees, the fees are needed from back there too.
 */
export function categoriesToRead(
  world: World,
  sid: string,
): { readonly count: number; readonly dormant: number } {
  const book = bookOf(world, sid);
  for (const [name, { all }] of book) if (all === 0n) book.delete(name);
  const counted = [...book.keys()].filter(
    (name) =>
      name !== "totalprice" &&
      !rollupsOf(world, name).some(
        (rollup) =>
          serviceOf(rollup) === serviceOf(name) && isFee(rollup) === isFee(name) && book.has(rollup),
      ),
  );
  const before = new Date(world.clock.now() - 999 * 86_400_000).toISOString().slice(0, 10);
  const isBefore = (days: ReadonlyMap<string, bigint> = new Map()) => (lastDay(days) ?? before) < before;
  const dormant = new Set<string>();
  if (isBefore(book.get("totalprice")?.byDay)) dormant.add("totalprice");
  for (const name of counted) {
    const one = book.get(name);
    if (isBefore(one?.byDay)) dormant.add(name);
    if (one === undefined || one.used === 0n || isFee(name) || !isBefore(one.usedByDay)) continue;
    dormant.add(name);
    for (const fee of counted) if (isFee(fee) && rollupsOf(world, fee).includes(name)) dormant.add(fee);
  }
  return { count: counted.length, dormant: dormant.size };
}

function rollupsOf(world: World, name: string): string[] {
  const { parent } = world.categories.describe(name);
  return parent === undefined ? [] : [parent, ...rollupsOf(world, parent)];
}

/** Every category with a charge, and what its days cost. */
function bookOf(world: World, sid: string): Map<string, CategoryBook> {
  const book = new Map<string, CategoryBook>();
  for (const charge of world.ledger.of(sid)) {
    if (charge.price === null) continue;
    const price = millionths(charge.price);
    const use = isFee(charge.category) ? 0n : price;
    for (const category of world.categories.containing([charge.category, ...charge.alsoIn])) {
      const known = book.get(category) ?? { all: 0n, used: 0n, byDay: new Map(), usedByDay: new Map() };
      book.set(category, known);
      known.all += price;
      known.used += use;
      known.byDay.set(charge.day, (known.byDay.get(charge.day) ?? 0n) + price);
      known.usedByDay.set(charge.day, (known.usedByDay.get(charge.day) ?? 0n) + use);
    }
  }
  return book;
}

interface CategoryBook {
  all: bigint;
  /** Without fees. */
  used: bigint;
  readonly byDay: Map<string, bigint>;
  readonly usedByDay: Map<string, bigint>;
}

function lastDay(prices: ReadonlyMap<string, bigint>): string | undefined {
  return [...prices]
    .filter(([, price]) => price !== 0n)
    .map(([day]) => day)
    .reduce(later, undefined);
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

function days(lastActivity: string | undefined, lastActivityExcludingFees: string | undefined) {
  return {
    ...(lastActivity !== undefined && { lastActivity }),
    ...(lastActivityExcludingFees !== undefined && { lastActivityExcludingFees }),
  };
}

export function millionths(price: string): bigint {
  const [, sign, whole = "0", fraction = ""] = /^(-?)(\d+)\.?(\d*)$/.exec(price) ?? [];
  const magnitude = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  return sign === "-" ? -magnitude : magnitude;
}

export function decimal(millionthsOfIt: bigint): string {
  const sign = millionthsOfIt < 0n ? "-" : "";
  const digits = String(millionthsOfIt < 0n ? -millionthsOfIt : millionthsOfIt).padStart(7, "0");
  const fraction = digits.slice(-6).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -6)}${fraction === "" ? "" : `.${fraction}`}`;
}

function slug(display: string): string {
  return display.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

function serviceOf(category: string): string {
  return SERVICES.get(category.toLowerCase()) ?? "Other";
}

function isFee(category: string): boolean {
  return FEES.has(category.toLowerCase());
}

/** The categories that the simulator knows, by the service that they belong to; `~` marks fees. */
const TABLE = `
A2P 10DLC Registration: a2p-registration-fees~ a2p-10dlc-registrationfees-brandregistration~ a2p-10dlc-registrationfees-monthly~
Authy: authy-authentications authy-calls-outbound authy-monthly-fees~ authy-sms-outbound
Conversational Intelligence: voice-intelligence voice-intelligence-transcription
Conversations: conversations conversations-api-requests
Elastic SIP Trunking: elastic-sip-trunking trunking-origination trunking-origination-local trunking-origination-tollfree trunking-termination
Flex: flex flex-active-user-hours
Lookup: lookups calleridlookups calleridlookups-api carrier-lookups fraud-lookups number-format-lookups
MMS: mms mms-inbound mms-inbound-longcode mms-inbound-shortcode mms-outbound mms-outbound-longcode mms-outbound-shortcode mms-messages-carrierfees mediastorage~
Marketplace Add-ons: marketplace marketplace-nomorobo-spam-score
Messaging Channels: channels channels-messaging channels-messaging-inbound channels-messaging-outbound
Monitor: monitor monitor-reads monitor-writes monitor-storage~
Notify: notify notify-actions-attempts
Phone Numbers: phonenumbers~ phonenumbers-emergency~ phonenumbers-local~ phonenumbers-mobile~ phonenumbers-setups~ phonenumbers-tollfree~
Programmable Wireless: wireless wireless-usage wireless-usage-data wireless-usage-data-europe wireless-usage-mrc~ wireless-usage-mrc-individual~
Proxy: proxy proxy-active-sessions
RCS: usage-rcs-messages usage-rcs-messages-inbound usage-rcs-single-messages-outbound
Recordings: recordings recordings-encrypted recordingstorage~
SMS: sms sms-inbound sms-inbound-longcode sms-inbound-shortcode sms-inbound-tollfree sms-outbound sms-outbound-longcode sms-outbound-shortcode sms-outbound-tollfree sms-messages-carrierfees
SendGrid Email: email
Short Codes: shortcodes~ shortcodes-random~ shortcodes-vanity~
Speech & Transcription: speech-recognition transcriptions
Studio: studio studio-engagements
Support & Advisory: premiumsupport~
Sync: sync sync-actions
TaskRouter: task-router taskrouter-tasks
Verify: account-security verify-push verify-sna verify-totp verify-voice-and-sms authy-phone-verifications
Video: turnmegabytes turnmegabytes-australia turnmegabytes-ireland turnmegabytes-useast turnmegabytes-uswest group-rooms group-rooms-participant-minutes group-rooms-recorded-minutes
Voice: calls calls-client calls-globalconference calls-inbound calls-inbound-local calls-inbound-mobile calls-inbound-tollfree calls-inbound-tollfree-local calls-inbound-tollfree-mobile calls-outbound calls-sip calls-sip-inbound calls-sip-outbound answering-machine-detection amazon-polly
Voice Insights: voice-insights voice-insights-client-insights-on-demand-minute voice-insights-ptsn-insights-on-demand-minute
WhatsApp: channels-whatsapp channels-whatsapp-inbound channels-whatsapp-outbound channels-whatsapp-template-marketing
`;

const ROWS = TABLE.trim()
  .split("\n")
  .flatMap((line) => {
    const [service = "", names = ""] = line.split(": ");
    return names
      .split(" ")
      .map((name) => ({ service, name: name.replace("~", ""), isFee: name.endsWith("~") }));
  });

const SERVICES: ReadonlyMap<string, string> = new Map(ROWS.map(({ name, service }) => [name, service]));

const FEES: ReadonlySet<string> = new Set(ROWS.filter(({ isFee }) => isFee).map(({ name }) => name));
