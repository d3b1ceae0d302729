import { randomUUID } from "node:crypto";
import type { Express } from "express";
import type { Logger } from "pino";
import { ExpiryWatch } from "./access/expiry-watch.js";
import { createStaticTokenVerifier } from "./access/static-tokens.js";
import { Tokens } from "./access/tokens.js";
import type { Config } from "./config.js";
import { AccountSync } from "./directory/account-sync.js";
import { ActivitySync } from "./directory/activity-sync.js";
import { withDeadline } from "./directory/deadline.js";
import { Directory } from "./directory/directory.js";
import type { AccountGateway, Clock, DirectoryStore, Log, UsageGateway } from "./directory/ports.js";
import { Slices } from "./directory/slices.js";
import { createApp } from "./http/app.js";
import { createAuthentication } from "./http/authentication.js";
import { limitFailedAttempts } from "./http/failed-attempts.js";
import type { Readiness } from "./http/health.js";
import { createMetrics } from "./http/metrics.js";
import { type RunningServer, startServer } from "./http/server.js";
import { Creations } from "./lifecycle/creations.js";
import { Guards } from "./lifecycle/guards.js";
import { KeyedLock } from "./lifecycle/keyed-lock.js";
import { Lifecycle } from "./lifecycle/lifecycle.js";
import { createAuditLog } from "./log.js";
import { createBulk } from "./scim/bulk.js";
import { createEntitlementCatalogue } from "./scim/entitlement-catalogue.js";
import { createGroups } from "./scim/groups.js";
import { createRenderedUsers } from "./scim/rendered-users.js";
import { loadSchemas } from "./scim/schemas.js";
import { createSearch } from "./scim/search.js";
import { createUsers } from "./scim/users.js";
import { openSqliteStore } from "./storage/sqlite-store.js";
import type { Store } from "./storage/store.js";
import { systemClock } from "./system-clock.js";
import { createTwilioAccountGateway } from "./twilio/twilio-account-gateway.js";
import { createTwilioClient } from "./twilio/twilio-client.js";
import { createTwilioUsageGateway } from "./twilio/twilio-usage-gateway.js";
import { createUsageCatalogue, type UsageCatalogue } from "./twilio/usage-catalogue.js";

/** How long the start waits for what a crash left open; the sync goes on with it. */
const SETTLE_AT_START_MS = 10_000;

const NOBODY_SIGNS_IN =
  "no provider can sign in yet: set SCIM_TOKEN, or make a token with twilio-scim-bridge token create --name okta";

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

/** The parts that a test, or whoever embeds the bridge, may bring along. */
export interface BridgeParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly openStore: (config: Config, log: Log) => Promise<Store>;
  readonly createGateways: (config: Config, parts: TwilioParts) => TwilioGateways;
}

export interface Bridge {
  readonly app: Express;
  readonly directory: Directory;
  readonly sync: AccountSync;
  readonly activity: ActivitySync;
  /** Begins to serve on the configured address, and to read accounts and activity from Twilio. */
  listen(): Promise<RunningServer>;
  /** Answers what is under way, then ends all reading and closes the database. */
  stop(): Promise<void>;
}

/**
 * Puts the bridge together, and takes in what its database remembers.
 *
 * @throws DirectoryError `storageUnavailable` where the database cannot be used
 */
export async function createBridge(
  config: Config,
  log: Logger,
  parts: Partial<BridgeParts> = {},
): Promise<Bridge> {
  const {
    clock = systemClock,
    random = Math.random,
    newId = randomUUID,
    openStore = ({ databaseUrl }) => openSqliteStore({ url: databaseUrl, log }),
    createGateways = twilioGateways,
  } = parts;
  const { accountSid, maxConcurrency } = config.twilio;
  const { emailDomain, ownerAccount, closedAccounts } = config.directory;

  const slices = new Slices();
  const catalogue = createUsageCatalogue();
  const metrics = createMetrics({
    activity: () => activity.progress,
    tokenExpiries: () => tokens.expiries(),
    now: clock.now,
  });
  const { accounts: gateway, usage } = createGateways(config, {
    clock,
    random,
    catalogue,
    slices,
    onUnknownCategory: metrics.unknownCategory,
  });
  const store = await openStore(config, log);
  const tokens = new Tokens({ store: store.tokens, clock, log });
  const expiryWatch = new ExpiryWatch({ tokens, clock, log });
  const directory = new Directory({
    gateway,
    store,
    clock,
    log,
    newId,
    slices,
    emailDomain,
    showsOwner: ownerAccount === "show",
    showsClosed: closedAccounts === "show",
  });
  const accountLock = new KeyedLock();
  const audit = { clock, log: createAuditLog(log) };
  const creations = new Creations({ directory, gateway, store, clock, log, newId, audit, accountLock });
  const sync = new AccountSync({
    directory,
    gateway,
    clock,
    log,
    slices,
    intervalMs: config.directory.accountSyncIntervalMs,
    cpuTimeMs,
    beforePass: (signal) => creations.settle(signal),
  });
  const lifecycle = new Lifecycle({
    directory,
    gateway,
    creations,
    guards: new Guards({
      ownerAccountSid: accountSid,
      protectedAccounts: new Set(config.lifecycle.protectedAccounts),
      linkedOnly: config.lifecycle.manage === "linked",
    }),
    audit,
    clock,
    accountLock,
    isOutdated: () => sync.isOutdated,
  });
  const activity = new ActivitySync({
    directory,
    gateway: usage,
    clock,
    log,
    slices,
    intervalMs: config.directory.usageSyncIntervalMs,
    workers: maxConcurrency,
  });
  const stopping = new AbortController();
  const { publicUrl, trustProxy } = config.http;
  const schemas = loadSchemas({ oktaEntitlements: config.scim.oktaEntitlements });
  const render = createRenderedUsers({ index: directory.index, slices });
  const users = createUsers({ directory, lifecycle, schemas, render });
  const groups = createGroups({
    directory: directory.groups,
    userOf: (sid) => directory.index.get(sid),
    schemas,
  });
  const app = createApp({
    users,
    groups,
    bulk: createBulk({ endpoints: [users, groups], clock, log, stopping: stopping.signal }),
    search: createSearch({ clock, slices }),
    schemas,
    entitlements: createEntitlementCatalogue(schemas, catalogue.services),
    administration: activity,
    authenticate: createAuthentication({
      verifiers: [createStaticTokenVerifier(config.http), tokens.verify],
      countFailure: limitFailedAttempts(clock),
      onFailure: metrics.failedAuthentication,
    }),
    metrics,
    readiness: () => readiness({ directory, sync, activity, store, clock, expiryWatch }),
    publicUrl,
    trustProxy,
    log,
    newId,
  });

  try {
    await store.claimOwner(accountSid);
    await directory.load();
    await creations.load();
  } catch (error) {
    await store.close();
    throw error;
  }

  let server: RunningServer | undefined;
  return {
    app,
    directory,
    sync,
    activity,
    async listen() {
      if (config.http.scimToken === undefined && !(await tokens.hasValid())) log.warn({}, NOBODY_SIGNS_IN);
      await withDeadline(clock, SETTLE_AT_START_MS, (signal) => creations.settle(signal));
      server = await startServer(app, config.http.host, config.http.port);
      void sync.start();
      activity.start();
      void expiryWatch.start();
      return server;
    },
    async stop() {
      stopping.abort();
      expiryWatch.stop();
      await server?.stop();
      await Promise.all([sync.stop(), activity.stop()]);
      // What is still being read of the database behind the start must not meet it closed.
      await directory.whole().catch(() => undefined);
      await directory.save().catch((error: unknown) => {
        log.error({ err: error }, "the snapshot could not be saved");
      });
      await tokens.settled();
      await store.close();
    },
  };
}

/** Twilio as the configuration names it. */
export function twilioGateways({ twilio }: Config, parts: TwilioParts): TwilioGateways {
  const { accountSid, credentials, apiUrl, maxConcurrency } = twilio;
  const { clock, random, catalogue, slices, onUnknownCategory } = parts;
  const [username, password] =
    credentials.kind === "authToken"
      ? [accountSid, credentials.authToken]
      : [credentials.apiKey, credentials.apiSecret];
  const client = createTwilioClient({
    credentials: { accountSid, username, password },
    apiUrl,
    maxConcurrency,
    clock,
    random,
    ...(slices && { slices }),
  });
  return {
    accounts: createTwilioAccountGateway(client),
    usage: createTwilioUsageGateway({ client, catalogue, ...(onUnknownCategory && { onUnknownCategory }) }),
  };
}

/** Milliseconds of CPU that the process has used, on all cores together. */
function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

interface ReadinessSources {
  readonly directory: Directory;
  readonly sync: AccountSync;
  readonly activity: ActivitySync;
  readonly store: DirectoryStore;
  readonly clock: Clock;
  readonly expiryWatch: ExpiryWatch;
}

async function readiness(sources: ReadinessSources): Promise<Readiness> {
  const { directory, sync, activity, store, clock, expiryWatch } = sources;
  const database = await store.ping().then(
    () => (directory.isUnreadable ? ("failing" as const) : ("ok" as const)),
    () => "failing" as const,
  );
  const { lastCompleteAt, lastError } = sync.status;
  const { state, accounts, read } = activity.progress;
  return {
    ready: directory.isReady && database === "ok",
    directory: directory.isReady ? "ready" : "loading",
    database,
    sync: {
      ageSeconds: lastCompleteAt === undefined ? null : Math.round((clock.now() - lastCompleteAt) / 1000),
      error: lastError ?? null,
    },
    activity: { state, filled: accounts === 0 ? 0 : Math.floor((read / accounts) * 100) / 100 },
    tokens: await expiryWatch.current(),
  };
}
