import type { AccountTruth } from "../../src/simulator/console.js";
import type { FuzzWorld } from "./fuzz-world.js";
import { word } from "./values.js";

/** Longer than a cursor is valid. */
const MORE_THAN_AN_HOUR_MS = 3_700_000;

/**
 * Something that no client asks for: somebody uses Twilio's console, time passes, or the next pass runs.
 *
 * @param outdated gets the SIDs of accounts of which the bridge does not know the latest
 * @returns whether a pass ran, so that the bridge knows everything now
 */
export async function happen(world: FuzzWorld, outdated: Set<string>): Promise<boolean> {
  const { clock, bridge, simulator, dice, memory, untouchable } = world;
  const { accounts } = simulator.world;
  const open = accounts.list().filter(({ sid, status }) => status !== "closed" && !untouchable.has(sid));

  function toSome(change: (account: AccountTruth) => void): () => Promise<boolean> {
    return async () => {
      if (open.length === 0) return false;
      const account = dice.pick(open);
      change(account);
      outdated.add(account.sid);
      return false;
    };
  }

  return dice.weighted<() => Promise<boolean>>([
    [
      6,
      async () => {
        await bridge.bridge.sync.pass();
        return true;
      },
    ],
    [
      1,
      async () => {
        await clock.advance(MORE_THAN_AN_HOUR_MS);
        return false;
      },
    ],
    [
      2,
      async () => {
        const { sid } = accounts.create({ friendlyName: word(dice) });
        memory.users.learn(sid, undefined, undefined);
        outdated.add(sid);
        return false;
      },
    ],
    [1, toSome(({ sid }) => accounts.suspend(sid))],
    [1, toSome(({ sid }) => accounts.suspendByTwilio(sid))],
    [1, toSome(({ sid }) => accounts.reactivate(sid))],
    [1, toSome(({ sid }) => accounts.edit(sid, { friendlyName: word(dice) }))],
    [0.5, toSome(({ sid }) => accounts.close(sid))],
  ])();
}
