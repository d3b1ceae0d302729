import { Router } from "express";
import { parseAccountSid } from "../../directory/account.js";
import type { Clock } from "../../directory/ports.js";
import { AUDIT_ACTIONS } from "../../lifecycle/audit.js";
import { readSince, SINCE_FORM } from "../../lifecycle/audit-since.js";
import type { AuditPage, AuditStore } from "../../lifecycle/audit-store.js";
import { invalidCursor, invalidValue } from "../../scim/errors.js";
import { integerParameter, type QueryParameters, textParameter } from "../../scim/query-parameters.js";
import { onlyMethods, sendJson } from "../answers.js";

const USUAL_COUNT = 100;
/** So many rows are read in a few milliseconds. */
const MAX_COUNT = 1000;

export interface AuditRoutesOptions {
  readonly store: Pick<AuditStore, "page">;
  readonly clock: Pick<Clock, "now">;
}

/** `GET /audit`: the rows of the audit, the newest first. */
export function auditRoutes({ store, clock }: AuditRoutesOptions): Router {
  const router = Router();
  router
    .route("/audit")
    .get(async (request, response) => {
      const asked = readPage(request.query, clock.now());
      // One more tells whether there is another page.
      const rows = await store.page({ ...asked, limit: asked.limit + 1 });
      const shown = rows.slice(0, asked.limit);
      const last = shown.at(-1);
      sendJson(response, 200, {
        rows: shown,
        nextCursor: last !== undefined && rows.length > shown.length ? writeCursor(last.number) : null,
      });
    })
    .all(onlyMethods("GET", "HEAD"));
  return router;
}

/** @throws ScimError `invalidValue`, `invalidCursor` */
function readPage(query: QueryParameters, now: number): AuditPage {
  const since = textParameter(query, "since");
  const account = textParameter(query, "account");
  const action = textParameter(query, "action");
  const cursor = textParameter(query, "cursor");
  const count = integerParameter(query, "count") ?? USUAL_COUNT;
  if (count < 1) throw invalidValue("The query parameter count must be 1 at least.");
  return {
    since: since === undefined ? undefined : known(readSince(since, now), "since", SINCE_FORM),
    accountSid:
      account === undefined ? undefined : known(parseAccountSid(account), "account", "an account SID"),
    actor: textParameter(query, "actor"),
    action:
      action === undefined
        ? undefined
        : known(
            AUDIT_ACTIONS.find((one) => one === action),
            "action",
            `one of ${AUDIT_ACTIONS.join(", ")}`,
          ),
    before: cursor === undefined ? undefined : readCursor(cursor),
    limit: Math.min(count, MAX_COUNT),
  };
}

function known<T>(value: T | undefined, name: string, form: string): T {
  if (value === undefined) throw invalidValue(`The query parameter ${name} takes ${form}.`);
  return value;
}

/** A number stays where it is in the audit, so that no page has a row twice, whatever is written meanwhile. */
function writeCursor(number: number): string {
  return Buffer.from(`audit ${number}`).toString("base64url");
}

function readCursor(cursor: string): number {
  const [, number] = /^audit (\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("utf8")) ?? [];
  if (number === undefined) throw invalidCursor("The cursor is none that this service has given.");
  return Number(number);
}
