import { MS_PER_DAY } from "../directory/activity.js";
import type { User } from "../directory/user.js";
import type { UserRecord } from "../directory/user-entry.js";
import { type Member, type MemberList, membersWithin, part, plain } from "./members.js";
import { TWILIO_MEMBERS, TWILIO_USER_SCHEMA } from "./twilio-extension.js";

const userOf = ({ user }: UserRecord): User => user;

const SEARCHED_TWILIO_MEMBERS: MemberList<UserRecord> = withDays(
  new Map([...membersWithin(TWILIO_MEMBERS, userOf), ["status", plain(({ status }: UserRecord) => status)]]),
  {
    lastActivity: ({ lastActivityDay }) => lastActivityDay,
    lastActivityExcludingFees: ({ lastActivityExcludingFeesDay }) => lastActivityExcludingFeesDay,
  },
);

/**
 * The members of users as a search reads them that looks at everyone: what is asked for most, from the record itself.
 *
 * @param served the members as they are served
 */
export function searchedMembers(served: MemberList<User>): MemberList<UserRecord> {
  return new Map([
    ...membersWithin(served, userOf),
    ["active", plain(({ status }: UserRecord) => status === "active")],
    [TWILIO_USER_SCHEMA, part(SEARCHED_TWILIO_MEMBERS)],
  ]);
}

/** Has the instants of members come from days that are counted, and their texts from where they came. */
function withDays(
  members: MemberList<UserRecord>,
  days: Readonly<Record<string, (record: UserRecord) => number | undefined>>,
): MemberList<UserRecord> {
  return new Map(
    [...members].map(([name, member]): [string, Member<UserRecord>] => {
      const read = days[name];
      return [name, read === undefined ? member : { ...member, instants: () => instantOf(read) }];
    }),
  );
}

function instantOf(read: (record: UserRecord) => number | undefined) {
  return (record: UserRecord): number | undefined => {
    const day = read(record);
    return day === undefined ? undefined : day * MS_PER_DAY;
  };
}
