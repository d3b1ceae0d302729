import type { Directory } from "../directory/directory.js";
import { accountNotFound, DirectoryError, groupNameTaken } from "../directory/errors.js";
import type { Group } from "../directory/group.js";
import type { AccountGateway } from "../directory/ports.js";
import type { User } from "../directory/user.js";
import type { AuditLog } from "./audit.js";
import { brakeOf } from "./braked-gateway.js";
import type { Brakes } from "./brakes.js";
import type { CreateRequest, Creations } from "./creations.js";
import type { GroupWrites } from "./group-changes.js";
import type { LifecycleDirectory } from "./lifecycle.js";

export interface DryRunOptions {
  readonly directory: Directory;
  readonly brakes: Pick<Brakes, "assertFree">;
}

/**
 * `DRY_RUN`: the ports of the lifecycle, wrapped so that every rule is applied and every answer is made as if the change had
 * been done, and nothing is sent to Twilio, stored, shown to others or counted.
 */
export function dryRun({ directory, brakes }: DryRunOptions) {
  return {
    /** Twilio's accounts: a change is answered as if Twilio had made it. */
    gateway: (gateway: AccountGateway): Pick<AccountGateway, "fetch" | "update"> => ({
      fetch: (sid, options) => gateway.fetch(sid, options),
      async update(sid, change) {
        const brake = brakeOf(change);
        if (brake !== undefined) await brakes.assertFree(brake);
        const account = directory.index.account(sid);
        if (account === undefined) throw accountNotFound(sid);
        return { ...account, ...change };
      },
    }),

    /** The directory: what was written is shown to who wrote it, and to nobody else. */
    directory: {
      index: directory.index,
      get: (sid) => directory.get(sid),
      reserveUserName: (userName, holder) => directory.reserveUserName(userName, holder),
      // What Twilio tells by itself is true all the same.
      accountReported: (account, asOf) => directory.accountReported(account, asOf),
      accountGone: (sid) => directory.accountGone(sid),
      accountChanged: async (account) =>
        directory.index.preview(account, directory.index.known(account.sid)?.identity),
      identityWritten: async (account, identity) => directory.index.preview(account, identity),
    } satisfies LifecycleDirectory,

    /** Creations: what there is no id for cannot be answered as if it were there. */
    creations: {
      async create({ attributes }: CreateRequest): Promise<User> {
        if (!directory.isWhole) await directory.whole();
        directory.reserveUserName(attributes.userName)();
        await brakes.assertFree("creations");
        throw notCreated("account");
      },
    } satisfies Pick<Creations, "create">,

    groups: dryGroups(directory),

    auditLog: (log: AuditLog): AuditLog => ({
      ask: (entry) => log.ask({ ...entry, dryRun: true }),
      record: (entry, asked) => log.record({ ...entry, dryRun: true }, asked),
    }),
  };
}

function dryGroups({ groups, index }: Directory): GroupWrites {
  async function assertNameFree(displayName: string, id: string | undefined): Promise<void> {
    const narrowings = [[{ attribute: "displayName" as const, value: displayName }]];
    const { groups: namesakes } = await groups.list({ narrowings, matches: undefined, offset: 0, limit: 1 });
    if (namesakes.some((namesake) => namesake.id !== id)) throw groupNameTaken(displayName);
  }

  return {
    get: (id) => groups.get(id),
    list: (query) => groups.list(query),
    async create({ attributes }) {
      await assertNameFree(attributes.displayName, undefined);
      throw notCreated("group");
    },
    async update(id, change, beforeSave): Promise<Group> {
      const current = await groups.get(id);
      const { attributes, members } = change(current);
      await assertNameFree(attributes.displayName, id);
      const wanted = new Set(index.mayBeMembers(members));
      await beforeSave?.({
        added: [...wanted].filter((sid) => !current.members.has(sid)),
        removed: [...current.members].filter((sid) => !wanted.has(sid)),
      });
      return { ...current, attributes, members: wanted };
    },
    async delete(id, check = () => {}, beforeSave = async () => {}) {
      const group = await groups.get(id);
      check(group);
      await beforeSave({ added: [], removed: [...group.members] });
    },
  };
}

function notCreated(what: "account" | "group"): DirectoryError {
  return new DirectoryError(
    "dryRun",
    `The ${what} could be created, but this is a dry run (DRY_RUN): nothing was, so that there is no id to answer with.`,
  );
}
