import { randomUUID } from "node:crypto";
import type { Express } from "express";
import type { Config } from "./config.js";
import { AccountSync } from "./directory/account-sync.js";
import { withDeadline } from "./directory/deadline.js";
import { Directory } from "./directory/directory.js";
import type { AccountGateway, Clock, DirectoryStore, Log } from "./directory/ports.js";
import { createApp } from "./http/app.js";
import { createStaticTokenVerifier } from "./http/authentication.js";
import type { Readiness } from "./http/health.js";
import { type RunningServer, startServer } from "./http/server.js";
import type { AuditLog } from "./lifecycle/audit.js";
import { Creations } from "./lifecycle/creations.js";
import { Guards } from "./lifecycle/guards.js";
import { Lifecycle } from "./lifecycle/lifecycle.js";
import { loadSchemas } from "./scim/schemas.js";
import { createUsers } from "./scim/users.js";
import { openSqliteStore } from "./storage/sqlite-store.js";
import { systemClock } from "./system-clock.js";
import { createTwilioAccountGateway } from "./twilio/twilio-account-gateway.js";

/** How long the start waits for what a crash left open; the sync goes on with it. */
const SETTLE_AT_START_MS = 10_000;

/** The parts that a test, or whoever embeds the bridge, may bring along. */
export interface BridgeParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly openStore: (config: Config, log: Log) => Promise<DirectoryStore>;
  readonly createGateway: (config: Config, clock: Clock, random: () => number) => AccountGateway;
}

export interface Bridge {
  readonly app: Express;
  readonly directory: Directory;
  readonly sync: AccountSync;
  /** Begins to serve on the configured address, and to read the accounts from Twilio. */
  listen(): Promise<RunningServer>;
  /** Answers what is under way, then ends the sync and closes the database. */
  stop(): Promise<void>;
}

/**
 * Puts the bridge together, and takes in what its database remembers.
 *
 * @throws DirectoryError `storageUnavailable` where the database cannot be used
 */
export async function createBridge(
  config: Config,
  log: Log,
  parts: Partial<BridgeParts> = {},
): Promise<Bridge> {
  const {
    clock = systemClock,
    random = Math.random,
    newId = randomUUID,
    openStore = ({ databaseUrl }) => openSqliteStore({ url: databaseUrl, log }),
    createGateway = twilioGateway,
  } = parts;
  const { accountSid } = config.twilio;

  const store = await openStore(config, log);
  const gateway = createGateway(config, clock, random);
  const directory = new Directory({
    gateway,
    store,
    clock,
    log,
    emailDomain: config.directory.emailDomain,
    showsOwner: config.directory.ownerAccount === "show",
    showsClosed: config.directory.closedAccounts === "show",
  });
  const creations = new Creations({ directory, gateway, store, clock, log, newId });
  const lifecycle = new Lifecycle({
    directory,
    gateway,
    creations,
    guards: new Guards({
      ownerAccountSid: accountSid,
      protectedAccounts: new Set(config.lifecycle.protectedAccounts),
      linkedOnly: config.lifecycle.manage === "linked",
    }),
    audit: { clock, log: auditTo(log) },
    clock,
  });
  const sync = new AccountSync({
    directory,
    gateway,
    clock,
    log,
    intervalMs: config.directory.accountSyncIntervalMs,
    beforePass: (signal) => creations.settle(signal),
  });
  const schemas = loadSchemas();
  const app = createApp({
    users: createUsers({ directory, lifecycle, schemas }),
    schemas,
    verifyToken: createStaticTokenVerifier(config.http.scimToken, "SCIM_TOKEN"),
    readiness: () => readiness(directory, sync, store, clock),
    publicUrl: config.http.publicUrl,
    trustProxy: config.http.trustProxy,
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
    async listen() {
      await withDeadline(clock, SETTLE_AT_START_MS, (signal) => creations.settle(signal));
      server = await startServer(app, config.http.host, config.http.port);
      void sync.start();
      return server;
    },
    async stop() {
      await server?.stop();
      await sync.stop();
      await directory.save().catch((error: unknown) => {
        log.error({ err: error }, "the snapshot could not be saved");
      });
      await store.close();
    },
  };
}

/** Twilio as the configuration names it. */
export function twilioGateway({ twilio }: Config, clock: Clock, random: () => number): AccountGateway {
  const { accountSid, credentials, apiUrl, maxConcurrency } = twilio;
  const [username, password] =
    credentials.kind === "authToken"
      ? [accountSid, credentials.authToken]
      : [credentials.apiKey, credentials.apiSecret];
  return createTwilioAccountGateway({
    credentials: { accountSid, username, password },
    apiUrl,
    maxConcurrency,
    clock,
    random,
  });
}

function auditTo(log: Log): AuditLog {
  return { record: (entry) => log.info({ audit: entry }, "audit") };
}

async function readiness(
  directory: Directory,
  sync: AccountSync,
  store: DirectoryStore,
  clock: Clock,
): Promise<Readiness> {
  const database = await store.ping().then(
    () => "ok" as const,
    () => "failing" as const,
  );
  const { lastCompleteAt, lastError } = sync.status;
  return {
    ready: directory.isReady && database === "ok",
    directory: directory.isReady ? "ready" : "loading",
    database,
    sync: {
      ageSeconds: lastCompleteAt === undefined ? null : Math.round((clock.now() - lastCompleteAt) / 1000),
      error: lastError ?? null,
    },
  };
}
