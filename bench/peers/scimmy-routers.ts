/**
 * scimmy-routers on Express, with a store in memory that finds users by id, userName and externalId and cuts pages by
 * itself: `scimmy-routers.ts USERS`.
 */
import express from "express";
import helmet from "helmet";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";
import { announce } from "../announce.js";
import { twilioExtension } from "./twilio-extension.js";
import { type PeerUser, readUsersFile } from "./users-file.js";

const DEFAULT_COUNT = 20;

const [usersPath = ""] = process.argv.slice(2);
const users = [...readUsersFile(usersPath)];
const byId = new Map(users.map((user, position) => [user.id, { user, position }]));
const byUserName = new Map(users.map((user) => [user.userName.toLowerCase(), user]));
const byExternalId = new Map(users.map((user) => [user.externalId, user]));

SCIMMY.Schemas.User.definition.extend(SCIMMY.Schemas.EnterpriseUser.definition);
SCIMMY.Schemas.User.definition.extend(twilioExtension());
SCIMMY.Resources.declare(SCIMMY.Resources.User);
SCIMMY.Resources.User.egress((resource) =>
  resource.id === undefined ? list(resource) : find(resource.id).user,
);
SCIMMY.Resources.User.ingress((resource, instance) => {
  const { position } = find(resource.id ?? "");
  const user: PeerUser = { ...JSON.parse(JSON.stringify(instance)), id: resource.id };
  users[position] = user;
  byId.set(user.id, { user, position });
  return user;
});

const app = express();
app.disable("x-powered-by");
app.use(helmet());
// The routers write to the query, which Express 5 does not allow: without this, they ignore startIndex and count.
app.use((request, _response, next) => {
  Object.defineProperty(request, "query", { value: { ...request.query }, writable: true });
  next();
});
app.use(
  new SCIMMYRouters({
    type: "bearer",
    handler: () => "",
    baseUri: ({ protocol, headers }) => `${protocol}://${headers.host}`,
  }),
);
announce(app);

function find(id: string) {
  const found = byId.get(id);
  if (found === undefined) throw new SCIMMY.Types.Error(404, "", `Resource ${id} not found`);
  return found;
}

/** A page, with what the routers need to know to leave it as it is. */
function list(resource: SCIMMY.Resources.User): PeerUser[] {
  const { filter, constraints = {} } = resource;
  const found = filter === undefined ? users : search(filter);
  const { startIndex = 1, count = DEFAULT_COUNT } = constraints;
  Object.assign(constraints, { totalResults: found.length });
  return found.slice(startIndex - 1, startIndex - 1 + count);
}

function search(filter: SCIMMY.Types.Filter): PeerUser[] {
  const [, attribute = "", value = ""] = /^(\w+) eq "([^"]*)"$/.exec(filter.expression) ?? [];
  const index = new Map([
    ["userName", byUserName.get(value.toLowerCase())],
    ["externalId", byExternalId.get(value)],
  ]);
  if (!index.has(attribute)) return filter.match(users);
  return [index.get(attribute) ?? []].flat();
}
