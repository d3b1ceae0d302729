import type { Client } from "../client.js";
import type { Server } from "../servers.js";

const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** Switches a user on or off, in a form that all servers read. */
export async function patchActive(
  client: Client,
  { path }: Pick<Server, "path">,
  { id, active }: { readonly id: string; readonly active: boolean },
): Promise<void> {
  const Operations = [{ op: "replace", path: "active", value: active }];
  await client.send("PATCH", `${path}/Users/${id}`, 200, { schemas: [PATCH_OP], Operations });
}

/** Off and on again, each user once: all are real changes, and in the end all is as it was. */
export function offAndOn(
  ids: readonly string[],
): readonly { readonly id: string; readonly active: boolean }[] {
  return ids.flatMap((id) => [
    { id, active: false },
    { id, active: true },
  ]);
}
