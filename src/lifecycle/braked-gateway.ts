import type { AccountStatus } from "../directory/account.js";
import type { AccountChange, AccountGateway } from "../directory/ports.js";
import type { BrakeName } from "./brake-store.js";
import type { Brakes } from "./brakes.js";

/**
 * Twilio's accounts behind the brakes: what may happen only so often is counted before it is sent. What is known to be so
 * already is never sent, and so counts nothing.
 *
 * Methods throw `brakeEngaged` besides: then nothing was sent.
 */
export function brakeChanges(gateway: AccountGateway, brakes: Brakes): AccountGateway {
  return {
    ...readsOf(gateway),
    create: (friendlyName, options) => gateway.create(friendlyName, options),
    update(sid, change, options) {
      const brake = brakeOf(change);
      const send = () => gateway.update(sid, change, options);
      return brake === undefined ? send() : brakes.run(brake, send);
    },
  };
}

/**
 * The same for who creates accounts: only creations count. To suspend an account that was asked for as an inactive user is a
 * part of its creation, and must not be what fails of it.
 */
export function brakeCreations(gateway: AccountGateway, brakes: Brakes): AccountGateway {
  return {
    ...readsOf(gateway),
    create: (friendlyName, options) => brakes.run("creations", () => gateway.create(friendlyName, options)),
    update: (sid, change, options) => gateway.update(sid, change, options),
  };
}

/** The brake that a change of an account counts at; undefined where it may happen any number of times. */
export function brakeOf({ status }: AccountChange): BrakeName | undefined {
  return status && BRAKE_OF[status];
}

const BRAKE_OF: Readonly<Record<AccountStatus, BrakeName>> = {
  closed: "closures",
  suspended: "suspensions",
  active: "reactivations",
};

type Reads = Pick<AccountGateway, "pages" | "fetch" | "findByFriendlyName" | "clockOffsetMs">;

function readsOf(gateway: AccountGateway): Reads {
  return {
    pages: (options) => gateway.pages(options),
    fetch: (sid, options) => gateway.fetch(sid, options),
    findByFriendlyName: (friendlyName, options) => gateway.findByFriendlyName(friendlyName, options),
    clockOffsetMs: () => gateway.clockOffsetMs(),
  };
}
