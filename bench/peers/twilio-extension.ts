import { readFileSync } from "node:fs";
import SCIMMY from "scimmy";
import { z } from "zod";

const attribute = z.object({
  name: z.string(),
  type: z.enum(["string", "boolean", "dateTime", "complex", "integer", "decimal", "reference"]),
  multiValued: z.boolean(),
  description: z.string(),
  get subAttributes() {
    return z.array(attribute).default([]);
  },
});

const document = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  attributes: z.array(attribute),
});

/** scimmy takes no whole number for a decimal, which some users have here. */
const UNUSABLE = "spend";

/** The extension that the bridge's users have, for a peer to serve the same users. */
export function twilioExtension(): SCIMMY.Types.SchemaDefinition {
  const file = new URL("../../scim-schemas/twilio-user.json", import.meta.url);
  const { id, name, description, attributes } = document.parse(JSON.parse(readFileSync(file, "utf8")));
  const usable = attributes.filter((attribute) => attribute.name !== UNUSABLE);
  return new SCIMMY.Types.SchemaDefinition(name, id, description, usable.map(define));
}

function define({ type, name, subAttributes, ...config }: z.infer<typeof attribute>): SCIMMY.Types.Attribute {
  return new SCIMMY.Types.Attribute(type, name, config, subAttributes.map(define));
}
