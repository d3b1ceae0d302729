import type { Memory } from "./acquaintances.js";
import type { Dice } from "./dice.js";

const STRANGE_IDS = [
  "none",
  "%00",
  "%",
  "%zz",
  "%E0%A4%A",
  "..",
  "%2E%2E%2FGroups",
  "a%2Fb",
  "__proto__",
  "constructor",
  "AC",
  "%20",
  "caf%C3%A9",
  "x".repeat(2000),
  "ACzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
  "1;v=2",
  "a#b",
];

/** The id of something, mostly of what is there, as it stands in a path. */
export function idOf(memory: Memory, of: "users" | "groups", dice: Dice): string {
  const { [of]: those } = memory;
  const others = of === "users" ? memory.groups : memory.users;
  return dice.weighted<() => string>([
    [40, () => dice.pickOr(those.ids, "none")],
    [2, () => memory.protectedSid],
    [2, () => memory.ownerSid],
    [3, () => dice.pickOr(those.gone, "none")],
    [1, () => dice.pickOr(others.ids, "none")],
    [1, () => (of === "users" ? unknownSid(dice) : dice.uuid())],
    [0.5, () => dice.pickOr(those.ids, "none").toLowerCase()],
    [1.5, () => dice.pick(STRANGE_IDS)],
  ])();
}

/** One that Twilio has to be asked about. */
function unknownSid(dice: Dice): string {
  return `AC${dice.uuid().replaceAll("-", "")}`;
}
