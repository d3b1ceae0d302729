import { randomBytes, randomUUID } from "node:crypto";
import type { Express } from "express";
import type { Logger } from "pino";
import { ExpiryWatch } from "./access/expiry-watch.js";
import { createStaticTokenVerifier } from "./access/static-tokens.js";
import { Tokens } from "./access/tokens.js";
import { createAuthorization } from "./authorization.js";
import type { Config } from "./config.js";
import { AccountSync } from "./directory/account-sync.js";
import { ActivitySync } from "./directory/activity-sync.js";
import { withDeadline } from "./directory/deadline.js";
import { Directory } from "./directory/directory.js";
import type { Clock, Log } from "./directory/ports.js";
import { Slices } from "./directory/slices.js";
import { createApp } from "./http/app.js";
import { createAuthentication } from "./http/authentication.js";
import { limitFailedAttempts } from "./http/failed-attempts.js";
import { createMetrics } from "./http/metrics.js";
import { type RunningServer, startServer } from "./http/server.js";
import { AuditTrail } from "./lifecycle/audit-trail.js";
import { brakeChanges, brakeCreations } from "./lifecycle/braked-gateway.js";
import { Brakes } from "./lifecycle/brakes.js";
import { Creations } from "./lifecycle/creations.js";
import { DelayedClosings } from "./lifecycle/delayed-closings.js";
import { dryRun } from "./lifecycle/dry-run.js";
import { GroupChanges } from "./lifecycle/group-changes.js";
import { Guards } from "./lifecycle/guards.js";
import { KeyedLock } from "./lifecycle/keyed-lock.js";
import { Lifecycle } from "./lifecycle/lifecycle.js";
import { Retention } from "./lifecycle/retention.js";
import { createAuditLines } from "./log.js";
import { readiness } from "./readiness.js";
import { createBulk } from "./scim/bulk.js";
import { createEntitlementCatalogue } from "./scim/entitlement-catalogue.js";
import { createGroups } from "./scim/groups.js";
import { createRenderedUsers } from "./scim/rendered-users.js";
import { loadSchemas } from "./scim/schemas.js";
import { createSearch } from "./scim/search.js";
import { createUsers } from "./scim/users.js";
import { AUDIT_KEY_BYTES, auditKeyPath, openAuditKey } from "./storage/audit-key-file.js";
import { openSqliteStore } from "./storage/sqlite-store.js";
import type { Store } from "./storage/store.js";
import { systemClock } from "./system-clock.js";
import { readTlsPair } from "./tls-files.js";
import { renewTls } from "./tls-renewal.js";
import { createUsageCatalogue } from "./twilio/usage-catalogue.js";
import { type TwilioGateways, type TwilioParts, twilioGateways } from "./twilio-gateways.js";

/** How long the start waits for what a crash left open; the sync goes on with it. */
const SETTLE_AT_START_MS = 10_000;

const NOBODY_SIGNS_IN =
  "no provider can sign in yet: set SCIM_TOKEN, or make a token with twilio-scim-bridge token create --name okta";

/** The parts that a test, or whoever embeds the bridge, may bring along. */
export interface BridgeParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly openStore: (config: Config, log: Log) => Promise<Store>;
  readonly randomBytes: (size: number) => Buffer;
  readonly createGateways: (config: Config, parts: TwilioParts) => TwilioGateways;
}

export interface Bridge {
  readonly app: Express;
  readonly directory: Directory;
  readonly sync: AccountSync;
  readonly activity: ActivitySync;
  readonly closings: DelayedClosings;
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
    randomBytes: bytes = randomBytes,
    openStore = ({ databaseUrl }) => openSqliteStore({ url: databaseUrl, log }),
    createGateways = twilioGateways,
  } = parts;
  const { accountSid, maxConcurrency } = config.twilio;
  const { emailDomain, ownerAccount, closedAccounts } = config.directory;

  const slices = new Slices();
  const catalogue = createUsageCatalogue();
  const metrics = createMetrics({
    activity: () => activity.progress,
    brakes: () => brakes.status(),
    tokenExpiries: () => tokens.expiries(),
    now: clock.now,
    pendingClosings: () => directory.index.leaving.size,
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
  const trail = new AuditTrail({
    store: store.audit,
    key: await auditKey(config, store, bytes, log),
    lines: createAuditLines(log),
    clock,
    log,
    retentionMs: config.audit.retentionMs,
  });
  const directory = new Directory({
    gateway,
    store,
    clock,
    log,
    newId,
    seen: (change) => trail.seen(change),
    slices,
    emailDomain,
    showsOwner: ownerAccount === "show",
    showsClosed: closedAccounts === "show",
  });
  const brakes = new Brakes({ store: store.brakes, limits: config.lifecycle.brakeLimits, clock, log, newId });
  const accountLock = new KeyedLock();
  const { dryRun: isDry, readOnly } = config.lifecycle;
  const dry = isDry ? dryRun({ directory, brakes }) : undefined;
  const audit = { clock, log: dry?.auditLog(trail) ?? trail };
  const creations = new Creations({
    directory,
    gateway: brakeCreations(gateway, brakes),
    store,
    clock,
    log,
    newId,
    audit,
    accountLock,
  });
  // To bring an interrupted creation to its end may change an account, so it waits for a start without these modes.
  const settle = async (signal: AbortSignal) => {
    if (!isDry && !readOnly) await creations.settle(signal);
  };
  const sync = new AccountSync({
    directory,
    gateway,
    clock,
    log,
    slices,
    intervalMs: config.directory.accountSyncIntervalMs,
    cpuTimeMs,
    beforePass: settle,
  });
  const guards = new Guards({
    ownerAccountSid: accountSid,
    protectedAccounts: new Set(config.lifecycle.protectedAccounts),
    linkedOnly: config.lifecycle.manage === "linked",
  });
  const closings = new DelayedClosings({
    directory,
    gateway,
    store: store.closings,
    brakes,
    guards,
    // Never a dry one: a closing that is undone there is undone.
    audit: { clock, log: trail },
    clock,
    log,
    accountLock,
    delayMs: config.lifecycle.closeDelayMs,
  });
  const lifecycle = new Lifecycle({
    directory: dry?.directory ?? directory,
    gateway: dry?.gateway(gateway) ?? brakeChanges(gateway, brakes),
    creations: dry?.creations ?? creations,
    closings: config.lifecycle.closeDelayMs > 0 && !isDry ? closings : undefined,
    guards,
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
  const retention = new Retention({
    directory,
    store: store.retention,
    clock,
    log,
    slices,
    identityRetentionMs: config.directory.identityRetentionMs,
  });
  const stopping = new AbortController();
  const { publicUrl, trustProxy, allowedNetworks, tls } = config.http;
  const schemas = loadSchemas({ oktaEntitlements: config.scim.oktaEntitlements });
  const render = createRenderedUsers({ index: directory.index, slices });
  const users = createUsers({ directory, lifecycle, schemas, render });
  const groups = createGroups({
    directory: new GroupChanges({ groups: dry?.groups ?? directory.groups, audit }),
    userOf: (sid) => directory.index.get(sid),
    schemas,
  });
  const authorization = createAuthorization({
    config,
    store: store.clients,
    clock,
    log,
    randomBytes: bytes,
    fetch,
  });
  const app = createApp({
    users,
    groups,
    bulk: createBulk({ endpoints: [users, groups], clock, log, stopping: stopping.signal }),
    search: createSearch({ clock, slices }),
    schemas,
    entitlements: createEntitlementCatalogue(schemas, catalogue.services),
    grantToken: authorization.grantToken,
    administration: activity,
    audit: { store: store.audit, clock },
    brakes,
    authenticate: createAuthentication({
      verifiers: [createStaticTokenVerifier(config.http), tokens.verify, ...authorization.verifiers],
      countFailure: limitFailedAttempts(clock),
      onFailure: metrics.failedAuthentication,
    }),
    closings,
    metrics,
    readiness: () => readiness({ directory, sync, activity, store, brakes, clock, expiryWatch }),
    publicUrl,
    dryRun: isDry,
    readOnly,
    trustProxy,
    allowedNetworks,
    servesTls: tls !== undefined,
    clock,
    log,
    newId,
  });

  try {
    await store.claimOwner(accountSid);
    await closings.load();
    await directory.load();
    await trail.load();
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
    closings,
    async listen() {
      if (!(await maySignIn(config, tokens, store))) log.warn({}, NOBODY_SIGNS_IN);
      await withDeadline(clock, SETTLE_AT_START_MS, settle);
      const pair = tls && readTlsPair(tls);
      const started = await startServer(app, config.http.host, config.http.port, undefined, pair);
      server = started;
      if (tls && pair) {
        const renew = started.useCertificate;
        void renewTls({ files: tls, pair, clock, log, signal: stopping.signal, renew });
      }
      void sync.start();
      activity.start();
      void expiryWatch.start();
      trail.start();
      retention.start();
      if (!isDry && !readOnly) closings.start();
      return started;
    },
    async stop() {
      stopping.abort();
      expiryWatch.stop();
      await server?.stop();
      await Promise.all([sync.stop(), activity.stop(), retention.stop(), closings.stop()]);
      // What is still being read of the database behind the start must not meet it closed.
      await directory.whole().catch(() => undefined);
      await directory.save().catch((error: unknown) => {
        log.error({ err: error }, "the snapshot could not be saved");
      });
      await tokens.settled();
      await trail.stop();
      await store.close();
    },
  };
}

/** Whether there is anything that a provider could sign in with. */
async function maySignIn({ http, jwt }: Config, tokens: Tokens, { clients }: Store): Promise<boolean> {
  if (http.scimToken !== undefined || jwt !== undefined || (await tokens.hasValid())) return true;
  return (await clients.listClients()).some(({ revokedAt }) => revokedAt === undefined);
}

/** The key that seals the audit. Closes the store where there is none. */
async function auditKey(
  { audit, databaseUrl }: Config,
  store: Store,
  randomBytes: (size: number) => Buffer,
  log: Log,
): Promise<Buffer> {
  const path = auditKeyPath(audit.keyFile, databaseUrl);
  if (path === undefined) return randomBytes(AUDIT_KEY_BYTES);
  try {
    const isInUse = (await store.audit.head()).number > 0;
    return openAuditKey({ path, isInUse, randomBytes, log });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Milliseconds of CPU that the process has used, on all cores together. */
function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
