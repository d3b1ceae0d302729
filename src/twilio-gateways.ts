import type { Config } from "./config.js";
import type { AccountGateway, Clock, UsageGateway } from "./directory/ports.js";
import type { Slices } from "./directory/slices.js";
import { createOutgoingAgent } from "./outgoing-agent.js";
import { REQUEST_TIMEOUT_MS } from "./twilio/bridge-request-client.js";
import { createTwilioAccountGateway } from "./twilio/twilio-account-gateway.js";
import { createTwilioClient } from "./twilio/twilio-client.js";
import { createTwilioUsageGateway } from "./twilio/twilio-usage-gateway.js";
import type { UsageCatalogue } from "./twilio/usage-catalogue.js";

/** Twilio, as the bridge sees it. */
export interface TwilioGateways {
  readonly accounts: AccountGateway;
  readonly usage: UsageGateway;
}

export interface TwilioParts {
  readonly clock: Clock;
  /** A number from 0 to 1, 1 excluded. */
  readonly random: () => number;
  readonly catalogue: UsageCatalogue;
  readonly slices?: Slices;
  readonly onUnknownCategory?: (category: string) => void;
}

/** Twilio as the configuration names it. */
export function twilioGateways({ twilio }: Config, parts: TwilioParts): TwilioGateways {
  const { accountSid, credentials, apiUrl, maxConcurrency, ca, proxyUrl, proxyExceptions } = twilio;
  const { clock, random, catalogue, slices, onUnknownCategory } = parts;
  const [username, password] =
    credentials.kind === "authToken"
      ? [accountSid, credentials.authToken]
      : [credentials.apiKey, credentials.apiSecret];
  const client = createTwilioClient({
    credentials: { accountSid, username, password },
    apiUrl,
    maxConcurrency,
    agent: createOutgoingAgent({
      host: new URL(apiUrl).hostname,
      proxyUrl,
      proxyExceptions,
      ca,
      maxSockets: maxConcurrency,
      timeoutMs: REQUEST_TIMEOUT_MS,
    }),
    clock,
    random,
    ...(slices && { slices }),
  });
  return {
    accounts: createTwilioAccountGateway(client),
    usage: createTwilioUsageGateway({ client, catalogue, ...(onUnknownCategory && { onUnknownCategory }) }),
  };
}
