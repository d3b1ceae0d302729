import { beforeEach, describe, expect, it } from "@jest/globals";
import { parseEntityTags } from "../../src/scim/preconditions.js";
import type { WriteRequest } from "../../src/scim/resource-endpoint.js";
import { hold } from "../support/interruptions.js";
import { answerTo, operations, request } from "./fake-directory.js";
import { ADA, BOB, type GroupsOnCore, groupsOnCore } from "./groups-on-core.js";

let on: GroupsOnCore;
beforeEach(async () => {
  on = await groupsOnCore();
});

/** A request that is to be done on this version only. */
const onVersion = (version: string): WriteRequest => ({
  ...request(),
  preconditions: { ifMatch: parseEntityTags(version), ifNoneMatch: undefined },
});

describe("a write on condition of a version", () => {
  const rename = (value: string) => operations({ op: "replace", path: "displayName", value });

  /** Every kind of write, each of which changes the group. */
  const writes = (id: string, wanted: WriteRequest) => [
    () => on.groups.replace(id, { displayName: "replaced" }, wanted),
    () => on.groups.patch(id, rename("patched"), wanted),
    () => on.groups.remove(id, wanted),
  ];

  it("is done on that version, and is 412 on every other", async () => {
    const { id } = await on.group("Tour Guides", [ADA, BOB]);
    const stale = (await on.groups.get(id, request())).version;
    const { version } = await on.groups.patch(id, rename("Guides"), onVersion(stale));
    const before = await on.groups.get(id, request());
    expect(version).toBe(before.version);
    for (const write of writes(id, onVersion(stale))) {
      expect(await answerTo(write)).toMatchObject({ status: 412, body: { status: "412" } });
    }
    expect(await on.groups.get(id, request())).toEqual(before);
    const replaced = await on.groups.replace(id, { displayName: "replaced" }, onVersion(version));
    await on.groups.remove(id, onVersion(replaced.version));
    expect((await answerTo(() => on.groups.get(id, request()))).status).toBe(404);
  });

  it("is 412 where a member has left since, though nobody wrote to the group", async () => {
    const { id } = await on.group("Tour Guides", [ADA, BOB]);
    const { version } = await on.groups.get(id, request());
    await on.core.close(BOB);
    for (const write of writes(id, onVersion(version))) expect((await answerTo(write)).status).toBe(412);
  });

  it("is looked at when its turn comes: of two on one version, the second is 412", async () => {
    for (const second of [0, 1, 2]) {
      const { id } = await on.group(`Group ${second}`, [ADA]);
      const { version } = await on.groups.get(id, request());
      const held = hold();
      on.core.store.interrupt("saveGroup", held.beforeEffect);
      const first = on.groups.patch(id, rename(`First ${second}`), onVersion(version));
      const write = writes(id, onVersion(version))[second];
      await held.arrived;
      const refused = answerTo(async () => write?.());
      held.release();
      await first;
      expect(await refused).toMatchObject({ status: 412 });
      const { resource } = await on.groups.get(id, request());
      expect(resource).toMatchObject({ displayName: `First ${second}` });
    }
  });

  it("is 412 for a version that If-None-Match names", async () => {
    const { id } = await on.group("Tour Guides");
    const preconditions = { ifMatch: undefined, ifNoneMatch: "*" as const };
    for (const write of writes(id, { ...request(), preconditions })) {
      expect((await answerTo(write)).status).toBe(412);
    }
  });
});
