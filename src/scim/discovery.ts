import { type ListResponse, listResponse } from "./list-response.js";
import type { JsonObject } from "./resource.js";
import type { SchemaDocument, Schemas } from "./schemas.js";

/** Documents of one kind, under the address that was asked. */
interface Collection {
  readonly endpoint: "Schemas" | "ResourceTypes";
  readonly resourceType: "Schema" | "ResourceType";
  readonly documents: readonly SchemaDocument[];
}

/**
 * The bodies of the discovery endpoints (RFC 7644 §4).
 *
 * @param baseUrl the address of the SCIM service, without a slash at the end
 */
export function serviceProviderConfig({ documents }: Schemas, baseUrl: string): JsonObject {
  return {
    ...documents.serviceProviderConfig,
    meta: { resourceType: "ServiceProviderConfig", location: `${baseUrl}/ServiceProviderConfig` },
  };
}

export function listSchemas(schemas: Schemas, baseUrl: string): ListResponse {
  return list(schemaCollection(schemas), baseUrl);
}

/** The schema with this URN, which has no case; undefined where there is none. */
export function getSchema(schemas: Schemas, id: string, baseUrl: string): JsonObject | undefined {
  return get(schemaCollection(schemas), id, baseUrl);
}

export function listResourceTypes(schemas: Schemas, baseUrl: string): ListResponse {
  return list(resourceTypeCollection(schemas), baseUrl);
}

/** The resource type with this id, which has no case; undefined where there is none. */
export function getResourceType(schemas: Schemas, id: string, baseUrl: string): JsonObject | undefined {
  return get(resourceTypeCollection(schemas), id, baseUrl);
}

function schemaCollection({ documents }: Schemas): Collection {
  return { endpoint: "Schemas", resourceType: "Schema", documents: documents.schemas };
}

function resourceTypeCollection({ documents }: Schemas): Collection {
  return { endpoint: "ResourceTypes", resourceType: "ResourceType", documents: documents.resourceTypes };
}

function list(collection: Collection, baseUrl: string): ListResponse {
  return listResponse(collection.documents.map((document) => located(collection, document, baseUrl)));
}

function get(collection: Collection, id: string, baseUrl: string): JsonObject | undefined {
  const document = collection.documents.find((known) => known.id.toLowerCase() === id.toLowerCase());
  return document && located(collection, document, baseUrl);
}

function located(
  { endpoint, resourceType }: Collection,
  document: SchemaDocument,
  baseUrl: string,
): JsonObject {
  return { ...document, meta: { resourceType, location: `${baseUrl}/${endpoint}/${document.id}` } };
}
