/**
 * A database as a bridge leaves it: all accounts of a simulator, each with what a provider wrote about it and with its
 * activity. So a benchmark starts from a full directory without the hours that reading it would take.
 */
import Database from "libsql";
import { createBridge } from "../src/bridge.js";
import { readConfig } from "../src/config.js";
import { type Account, compareAccounts } from "../src/directory/account.js";
import { type Activity, addDays, type Day, dayOf, type ServiceActivity } from "../src/directory/activity.js";
import type { StoredActivity } from "../src/directory/ports.js";
import type { Identity } from "../src/directory/user.js";
import { ENTERPRISE_USER_SCHEMA, type UserAttributes } from "../src/directory/user-attributes.js";
import { createLog } from "../src/log.js";
import type { Simulator } from "../src/simulator/simulator.js";

export interface SnapshotOptions {
  readonly simulator: Pick<Simulator, "url" | "accountSid" | "authToken">;
  /** Where the database is made. There must be none. */
  readonly path: string;
  /** How much a provider wrote about each user: rendered, some 1.8 or 4 KB in the mean. */
  readonly size: "usual" | "large";
}

/** Writes it. */
export async function writeSnapshot({ simulator, path, size }: SnapshotOptions): Promise<void> {
  const config = readConfig({
    TWILIO_ACCOUNT_SID: simulator.accountSid,
    TWILIO_AUTH_TOKEN: simulator.authToken,
    TWILIO_API_URL: simulator.url,
    SCIM_TOKEN: "a-token-for-benchmarks-only",
    DATABASE_URL: `file:${path}`,
  });
  const bridge = await createBridge(
    config,
    createLog({ level: "silent", secrets: [], destination: { write() {} } }),
  );
  await bridge.sync.start();
  const accounts = [...bridge.directory.index.everyone()].map(({ account }) => account);
  await bridge.stop();
  writeDetails(path, accounts.sort(compareAccounts), size);
}

/** Straight into the tables: a store would wait for the disk once for each user. */
function writeDetails(path: string, accounts: readonly Account[], size: SnapshotOptions["size"]): void {
  const db = new Database(path);
  const saveIdentity = db.prepare("INSERT INTO identity VALUES (?, ?, ?, ?)");
  const claimName = db.prepare("INSERT OR REPLACE INTO user_name (folded, holder) VALUES (?, ?)");
  const saveActivity = db.prepare("INSERT INTO activity VALUES (?, ?, ?, ?, ?)");
  db.exec("BEGIN");
  for (const [index, account] of accounts.entries()) {
    const { accountSid, activity } = activityOf(account, index);
    saveActivity.run(
      accountSid,
      activity.state,
      JSON.stringify(activity.usage),
      activity.asOf ?? null,
      activity.changedAt ?? null,
    );
    if (account.status === "closed" || account.sid === account.ownerAccountSid) continue;
    const { attributes, friendlyName, updatedAt } = identityOf(account, index, size);
    saveIdentity.run(
      account.sid,
      JSON.stringify(attributes),
      JSON.stringify(friendlyName).slice(1, -1),
      updatedAt,
    );
    claimName.run(attributes.userName, account.sid);
  }
  db.exec("COMMIT");
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

/** The userName of the nth account. */
function userNameOf(index: number): string {
  return `user${String(index).padStart(6, "0")}@example.com`;
}

/** The externalId of the nth account. */
function externalIdOf(index: number): string {
  return `00u${index.toString(36).padStart(17, "0")}`;
}

const DEPARTMENTS = ["Engineering", "Customer Success", "Marketing", "Field Operations", "Finance"];

function identityOf(account: Account, index: number, size: SnapshotOptions["size"]): Identity {
  const userName = userNameOf(index);
  const [givenName, familyName] = [`Given${index % 997}`, `Family${index}`];
  const department = DEPARTMENTS[index % DEPARTMENTS.length] ?? "";
  const usual: UserAttributes = {
    userName,
    externalId: externalIdOf(index),
    name: { formatted: `${givenName} ${familyName}`, familyName, givenName },
    displayName: account.friendlyName,
    emails: [{ value: userName, type: "work", primary: true }],
    [ENTERPRISE_USER_SCHEMA]: {
      employeeNumber: String(100_000 + index),
      department,
      manager: { value: `00m${index % 4999}` },
    },
  };
  const attributes = size === "usual" ? usual : { ...usual, ...extras(index) };
  return {
    accountSid: account.sid,
    attributes,
    friendlyName: account.friendlyName,
    updatedAt: account.dateUpdated,
  };
}

function extras(index: number): Partial<UserAttributes> {
  return {
    addresses: ["work", "home", "other"].map((type) => ({
      formatted: `${index} Long Harbour Street\nBuilding ${index % 50}, Floor ${index % 12}\nSpringfield, 0${index}`,
      streetAddress: `${index} Long Harbour Street, Building ${index % 50}, Floor ${index % 12}`,
      locality: "Springfield",
      region: "Illinois",
      postalCode: String(10_000 + (index % 90_000)),
      country: "US",
      type,
    })),
    roles: Array.from({ length: 12 }, (_, n) => ({
      value: `role-${n}-of-${index}`,
      display: `A role that is named at some length, number ${n}`,
      type: "application",
    })),
    photos: [
      { value: `https://photos.example.com/people/${index}/photo-in-the-largest-size.jpg`, type: "photo" },
    ],
  };
}

const SERVICES: readonly (readonly [string, string])[] = [
  ["messaging", "Programmable Messaging"],
  ["phone-numbers", "Phone Numbers"],
  ["verify", "Verify"],
  ["voice", "Programmable Voice"],
];

/** Read a moment ago, so that no bridge reads it again while it is measured. */
function activityOf(account: Account, index: number): StoredActivity {
  const today = dayOf(Date.now());
  const lastActivity = addDays(today, -(index % 400));
  const used = SERVICES.filter((_, n) => (index + n) % 4 < 2).slice(index % 3 === 0 ? 1 : 0);
  const services = used.map(
    ([service, display], n): ServiceActivity => ({
      service,
      display,
      lastActivity: addDays(lastActivity, -n),
      lastActivityExcludingFees: addDays(lastActivity, -2 * n),
    }),
  );
  const recentCharges: Record<Day, string> =
    index % 4 === 0 ? { [today]: "1.25", [addDays(today, -1)]: "0.0075" } : {};
  const usage: Activity["usage"] = {
    lastActivity,
    lastActivityExcludingFees: addDays(lastActivity, -1),
    services,
    spend: { total: `${index % 5000}.${String(index % 100).padStart(2, "0")}`, currency: "USD" },
    recentCharges,
    readUntil: today,
  };
  const asOf = Date.now();
  return { accountSid: account.sid, activity: { state: "current", usage, asOf, changedAt: asOf } };
}
