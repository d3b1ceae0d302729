import type { AccountType } from "../directory/account.js";
import { searchPage } from "../directory/page.js";
import {
  accountTypeEntitlement,
  type Entitlement,
  type EntitlementType,
  serviceEntitlement,
} from "./entitlements.js";
import { ScimError } from "./errors.js";
import { compileFilter } from "./filter-match.js";
import { jsonBytes } from "./json-bytes.js";
import { JSON_MEMBERS } from "./members.js";
import { type Projection, parseProjection } from "./projection.js";
import type { Resource } from "./resource.js";
import type { ResourceRequest } from "./resource-endpoint.js";
import type { ResourceSchema } from "./resource-schema.js";
import type { Schemas } from "./schemas.js";
import type { Searchable } from "./search.js";

/** One Twilio service that an account can be charged for. */
export interface CataloguedService {
  /** Such as `verify`. */
  readonly slug: string;
  /** Its name, such as "Verify". */
  readonly display: string;
  /** What it is for, in up to 1000 characters. */
  readonly description: string;
}

/** All entitlements of one kind, as Okta discovers them. */
export interface EntitlementCollection extends Searchable {
  /** Throws ScimError. */
  get(id: string, request: ResourceRequest): Resource;
}

/** An entitlement with what is said about it. */
interface CataloguedEntitlement extends Entitlement {
  readonly description: string;
}

const ACCOUNT_TYPES: readonly { readonly type: AccountType; readonly description: string }[] = [
  { type: "Full", description: "The account was upgraded: what it uses is charged for." },
  { type: "Trial", description: "The account uses Twilio's trial credit, within the limits of a trial." },
];

/**
 * The collections that the resource types name: none where Okta's discovery is off.
 *
 * @param services every service that can be among a user's entitlements
 */
export function createEntitlementCatalogue(
  { entitlement: schema, documents }: Schemas,
  services: readonly CataloguedService[],
): readonly EntitlementCollection[] {
  if (schema === undefined) return [];
  const byType: Readonly<Record<EntitlementType, readonly CataloguedEntitlement[]>> = {
    AccountType: ACCOUNT_TYPES.map(({ type, description }) => ({
      ...accountTypeEntitlement(type),
      description,
    })),
    AccountService: services.map(({ slug, display, description }) => ({
      ...serviceEntitlement(slug, display),
      description,
    })),
  };
  return Object.entries(byType).flatMap(([type, entitlements]) => {
    const endpoint = documents.resourceTypes.find(({ id }) => id === type)?.endpoint;
    return typeof endpoint === "string" ? [createCollection(endpoint, entitlements, schema)] : [];
  });
}

function createCollection(
  path: string,
  entitlements: readonly CataloguedEntitlement[],
  schema: ResourceSchema,
): EntitlementCollection {
  const render = (
    { value, display, type, description }: CataloguedEntitlement,
    baseUrl: string,
  ): Resource => ({
    schemas: [schema.core.id],
    id: value,
    type,
    displayName: display,
    description,
    meta: { resourceType: type, location: `${baseUrl}${path}/${value}` },
  });

  return {
    path,
    schema,

    async select({ baseUrl, filter, sort, after, offset, limit, slice }) {
      const matches = filter && compileFilter(filter, schema.find);
      const keyOf = sort?.keyReader(JSON_MEMBERS);
      const all = entitlements.map((entitlement, index) => {
        const resource = render(entitlement, baseUrl);
        return {
          // The catalogue's own order: none of them was ever created.
          created: index,
          id: entitlement.value,
          key: keyOf?.(resource),
          isFound: matches?.(resource) ?? true,
          render: (projection: Projection) => jsonBytes(projection.apply(resource)),
        };
      });
      const select = (entitlement: (typeof all)[number]) => (entitlement.isFound ? entitlement : undefined);
      const { items, total } = await searchPage(all, select, { after, offset, limit }, slice);
      return { found: items, total };
    },

    get(id, { baseUrl, query }) {
      const projection = parseProjection(query, schema);
      const entitlement = entitlements.find(({ value }) => value === id);
      if (entitlement === undefined) throw new ScimError(404, undefined, `There is no ${id} in ${path}.`);
      return projection.apply(render(entitlement, baseUrl));
    },
  };
}
