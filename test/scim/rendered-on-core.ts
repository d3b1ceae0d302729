import type { User } from "../../src/directory/user.js";
import { createGroups } from "../../src/scim/groups.js";
import { renderToBytes } from "../../src/scim/rendered-user.js";
import { createRenderedUsers } from "../../src/scim/rendered-users.js";
import { createUsers } from "../../src/scim/users.js";
import { Core, type CoreOptions, type Surroundings } from "../support/core.js";
import { HeldTurns } from "./held-turns.js";
import { readable, searchBy } from "./readable.js";
import { schemas } from "./sample-users.js";

/**
 * A bridge at its start, which takes in what its database remembers, and renders users as in earnest. The background has
 * its turn only when a test says so.
 */
export async function renderedOnCore(around: Surroundings, options: CoreOptions = {}) {
  const core = new Core(around, options);
  const { directory, lifecycle, clock } = core;
  const rendered: User[] = [];
  const background = new HeldTurns();
  const render = createRenderedUsers({
    index: directory.index,
    slices: background.slices,
    renderAnew(user) {
      rendered.push(user);
      return renderToBytes(user);
    },
  });
  const search = searchBy(clock);
  const users = readable(createUsers({ directory, lifecycle, schemas, render }), search);
  const userOf = directory.index.get.bind(directory.index);
  const groups = readable(createGroups({ directory: core.groups, userOf, schemas }), search);
  await directory.load();
  await core.creations.load();
  return {
    core,
    users,
    groups,
    render,
    background,
    /** Every rendering so far, in their order. */
    rendered,
    /** Who was rendered since this was asked last, by userName. */
    takeRendered: () => rendered.splice(0).map(({ attributes }) => attributes.userName),
  };
}

export type RenderedOnCore = Awaited<ReturnType<typeof renderedOnCore>>;
