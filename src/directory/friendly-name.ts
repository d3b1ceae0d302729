import type { UserAttributes } from "./user-attributes.js";

/** How many code points Twilio keeps of an account's name. */
export const FRIENDLY_NAME_LENGTH = 64;

/** Half a surrogate pair, which no encoding can carry. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** What Twilio keeps of `name`. */
export function cutFriendlyName(name: string): string {
  const sent = name.replace(LONE_SURROGATE, "\uFFFD");
  // UTF-16 units are never fewer than code points, so most names need no splitting.
  if (sent.length <= FRIENDLY_NAME_LENGTH) return sent;
  // A blank at the cut would be Twilio's to keep or to drop.
  return Array.from(sent).slice(0, FRIENDLY_NAME_LENGTH).join("").trimEnd();
}

/** The name that an account created for these attributes gets at Twilio. */
export function friendlyNameFor(attributes: UserAttributes): string {
  const { displayName, name, userName } = attributes;
  const given = [name?.givenName, name?.familyName].filter((part) => part !== undefined).join(" ");
  const chosen = [displayName, name?.formatted, given].find(
    (text) => text !== undefined && text.trim() !== "",
  );
  return cutFriendlyName((chosen ?? userName).trim());
}
