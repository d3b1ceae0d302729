import type { Account } from "./account.js";
import type { Name, UserAttributes } from "./user-attributes.js";

/** Shown where a friendly name has one word only: providers refuse to import a user without a family name. */
const FAMILY_NAME_OF_SINGLE_WORDS = "Subaccount";

/** Good enough to tell an address from a name; nothing is ever sent to it. */
const EMAIL_ADDRESS = /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+\.[^\s@<>(),;:".]+$/;

/**
 * What is shown of an account that nobody has written to.
 *
 * @param userName the derived userName, which is unique where the friendly name is not
 * @param emailDomain `EMAIL_DOMAIN`: where it is given, every user has an address
 */
export function deriveAttributes(
  account: Account,
  userName: string,
  emailDomain: string | undefined,
): UserAttributes {
  const friendlyName = account.friendlyName.trim() === "" ? userName : account.friendlyName;
  const email = EMAIL_ADDRESS.test(account.friendlyName)
    ? account.friendlyName
    : emailDomain === undefined
      ? undefined
      : `${account.sid.toLowerCase()}@${emailDomain}`;
  return {
    userName,
    displayName: friendlyName,
    name: deriveName(friendlyName),
    ...(email !== undefined && { emails: [{ value: email, type: "work", primary: true }] }),
  };
}

function deriveName(friendlyName: string): Name {
  const words = friendlyName.trim().split(/\s+/);
  const [givenName = friendlyName, ...rest] = words;
  return {
    formatted: friendlyName,
    givenName,
    familyName: rest.length > 0 ? rest.join(" ") : FAMILY_NAME_OF_SINGLE_WORDS,
  };
}

/**
 * The names that an account may be given, best first. The caller takes the first that is free; the last ones are there
 * for the case that a provider has written `name (SID)` to another account.
 */
export function* userNameCandidates(account: Account): Generator<string, never> {
  const name = account.friendlyName.trim();
  if (name !== "") {
    yield name;
    yield `${name} (${account.sid})`;
  }
  yield account.sid;
  for (let number = 2; ; number++) yield `${account.sid} ${number}`;
}
