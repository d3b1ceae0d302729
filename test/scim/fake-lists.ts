import { positionOf } from "../../src/directory/account.js";
import type { Group } from "../../src/directory/group.js";
import { searchPage } from "../../src/directory/page.js";
import type { Position } from "../../src/directory/position.js";
import type {
  GroupLookup,
  GroupPage,
  GroupQuery,
  IndexQuery,
  Lookup,
  UserPage,
  UserQuery,
} from "../../src/directory/query.js";
import { Slices } from "../../src/directory/slices.js";
import type { User } from "../../src/directory/user.js";
import { foldCase } from "../../src/directory/user-attributes.js";
import { recordOf, UserEntry } from "../../src/directory/user-entry.js";

/** The page of these users that is asked for, without any index. They are in the order of lists. */
export async function pageOfUsers(users: readonly User[], query: UserQuery): Promise<UserPage> {
  const matches =
    query.matches && ((user: User) => query.matches?.(recordOf(new UserEntry(user, "", 0))) ?? true);
  const { items, total } = await page(
    users,
    { ...query, matches },
    ({ account }) => positionOf(account),
    answersTo,
  );
  return { users: items, total };
}

/** The same for groups. */
export async function pageOfGroups(groups: readonly Group[], query: GroupQuery): Promise<GroupPage> {
  const { items, total } = await page(groups, query, (group) => group, groupAnswersTo);
  return { groups: items, total };
}

/** What is on the page answers to all narrowings: none of them may leave out anything of the result. */
function page<T, L>(
  all: readonly T[],
  { narrowings, matches = () => true, ...bounds }: IndexQuery<T, L>,
  placeOf: (item: T) => Position,
  answers: (item: T, lookup: L) => boolean,
) {
  const isFound = (item: T) =>
    narrowings.every((narrowing) => narrowing.some((lookup) => answers(item, lookup))) && matches(item);
  const placed = all.map((item) => ({ created: placeOf(item).created, id: placeOf(item).id, item }));
  return searchPage(placed, ({ item }) => (isFound(item) ? item : undefined), bounds, new Slices().begin());
}

function answersTo({ account, attributes, activity }: User, { attribute, value }: Lookup): boolean {
  switch (attribute) {
    case "id":
      return account.sid === value;
    case "userName":
      return foldCase(attributes.userName) === foldCase(value);
    case "externalId":
      return attributes.externalId === value;
    case "email":
      return attributes.emails?.some((email) => foldCase(email.value ?? "") === foldCase(value)) ?? false;
    case "status":
      return account.status === value;
    case "service":
      return activity.usage?.services.some(({ service }) => service === value) ?? false;
  }
}

function groupAnswersTo({ id, attributes, members }: Group, { attribute, value }: GroupLookup): boolean {
  switch (attribute) {
    case "id":
      return id === value;
    case "displayName":
      return foldCase(attributes.displayName) === foldCase(value);
    case "externalId":
      return attributes.externalId === value;
    case "member":
      return [...members].some((sid) => sid === value);
  }
}
