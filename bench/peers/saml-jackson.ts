/** The directory sync of @boxyhq/saml-jackson in memory, behind a route of its own: `saml-jackson.ts USERS`. */
import jackson from "@boxyhq/saml-jackson";
import express, { type Request } from "express";
import helmet from "helmet";
import { announce } from "../announce.js";
import { readUsersFile } from "./users-file.js";

const [usersPath = ""] = process.argv.slice(2);
const users = readUsersFile(usersPath);
const { directorySyncController } = await jackson.controllers({
  externalUrl: "http://127.0.0.1",
  samlAudience: "bench",
  samlPath: "/saml",
  scimPath: "/",
  noAnalytics: true,
  // It counts what a page of this size holds, and by default no more than 50 users.
  db: { engine: "mem", pageLimit: 2 * users.length },
});
const { data: directory } = await directorySyncController.directories.create({
  tenant: "bench",
  product: "bench",
  name: "bench",
  type: "generic-scim-v2",
});
if (directory === null) throw new Error("saml-jackson has made no directory");
const { id: directoryId, scim } = directory;

for (const user of users) await handle("POST", undefined, {}, user);

const app = express();
app.disable("x-powered-by");
app.use(helmet());
app.use(express.json({ type: "application/scim+json" }));
app.all(["/Users", "/Users/:id"], async (request: Request<{ id?: string }>, response) => {
  const { startIndex, count, filter } = request.query;
  const query = {
    ...(startIndex !== undefined && { startIndex: Number(startIndex) }),
    ...(count !== undefined && { count: Number(count) }),
    ...(filter !== undefined && { filter: String(filter) }),
  };
  const { status, data } = await handle(request.method, request.params.id, query, request.body);
  response.status(status).type("application/scim+json").send(JSON.stringify(data));
});
announce(app);

function handle(method: string, resourceId: string | undefined, query: object, body: object | undefined) {
  const request = { method, resourceId, query, body, directoryId, apiSecret: scim.secret };
  return directorySyncController.requests.handle(
    { ...request, resourceType: "users" },
    async () => undefined,
  );
}
