import type { AccountType } from "../directory/account.js";
import {
  accountTypeEntitlement,
  type Entitlement,
  type EntitlementType,
  serviceEntitlement,
} from "./entitlements.js";
import { ScimError } from "./errors.js";
import { compileFilter } from "./filter-match.js";
import { parseListQuery } from "./list-query.js";
import { type ListResponse, listResponse } from "./list-response.js";
import { parseProjection } from "./projection.js";
import type { QueryParameters } from "./query-parameters.js";
import type { Resource } from "./resource.js";
import type { ResourceSchema } from "./resource-schema.js";
import type { Schemas } from "./schemas.js";
import { inSortOrder } from "./sort.js";

/** One Twilio service that an account can be charged for. */
export interface CataloguedService {
  /** Such as `verify`. */
  readonly slug: string;
  /** Its name, such as "Verify". */
  readonly display: string;
  /** What it is for, in up to 1000 characters. */
  readonly description: string;
}

export interface EntitlementRequest {
  /** The address of the SCIM service as the client knows it, without a slash at the end. */
  readonly baseUrl: string;
  readonly query: QueryParameters;
}

/** All entitlements of one kind, as Okta discovers them. Both methods throw ScimError. */
export interface EntitlementCollection {
  /** Where they are, such as `/AccountServices`. */
  readonly endpoint: string;
  list(request: EntitlementRequest): ListResponse;
  get(id: string, request: EntitlementRequest): Resource;
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
  endpoint: string,
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
    meta: { resourceType: type, location: `${baseUrl}${endpoint}/${value}` },
  });

  return {
    endpoint,

    list({ baseUrl, query }) {
      const { filter, sort, startIndex, count, projection } = parseListQuery(query, schema);
      const matches = filter === undefined ? () => true : compileFilter(filter, schema.find);
      const matching = entitlements
        .map((entitlement) => render(entitlement, baseUrl))
        .filter((resource) => matches(resource));
      const ordered = sort ? inSortOrder(matching, sort.keyOf, sort.descending) : matching;
      const page = ordered.slice(startIndex - 1, startIndex - 1 + count);
      return listResponse(page.map(projection), matching.length, startIndex);
    },

    get(id, { baseUrl, query }) {
      const projection = parseProjection(query, schema);
      const entitlement = entitlements.find(({ value }) => value === id);
      if (entitlement === undefined) throw new ScimError(404, undefined, `There is no ${id} in ${endpoint}.`);
      return projection(render(entitlement, baseUrl));
    },
  };
}
