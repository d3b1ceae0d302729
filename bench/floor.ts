/**
 * The most that Express can do: it sends bytes that are ready. `floor.ts USER PAGE`, the files with the bytes that it
 * answers `/user` and `/page` with.
 */
import { readFileSync } from "node:fs";
import express from "express";
import helmet from "helmet";
import { announce } from "./announce.js";

const [userPath = "", pagePath = ""] = process.argv.slice(2);
const app = express();
app.set("etag", false);
app.disable("x-powered-by");
app.use(helmet());
for (const [path, body] of Object.entries({
  "/user": readFileSync(userPath),
  "/page": readFileSync(pagePath),
})) {
  app.get(path, (_request, response) => {
    response.set("Content-Type", "application/scim+json; charset=utf-8");
    response.set("Content-Length", String(body.length));
    response.end(body);
  });
}
announce(app);
