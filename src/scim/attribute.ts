import type SCIMMY from "scimmy";

/** The definition of an attribute or sub-attribute (RFC 7643 §7). */
export type Attribute = InstanceType<typeof SCIMMY.Types.Attribute>;

export function isComplex(attribute: Attribute): boolean {
  return attribute.type === "complex";
}

export function isMultiValued(attribute: Attribute): boolean {
  return attribute.config.multiValued === true;
}

export function isReadOnly(attribute: Attribute): boolean {
  // scimmy's own definitions of `id` and `meta` say false, what is read from a schema says it in words.
  return attribute.config.mutable === "readOnly" || attribute.config.mutable === false;
}

export function isCaseExact(attribute: Attribute): boolean {
  return attribute.config.caseExact === true;
}

export function isRequired(attribute: Attribute): boolean {
  return attribute.config.required === true;
}

export function subAttributes(attribute: Attribute): readonly Attribute[] {
  return attribute.subAttributes ?? [];
}

/** The sub-attribute with this name, which is compared without case (RFC 7643 §2.1). */
export function subAttribute(attribute: Attribute, name: string): Attribute | undefined {
  const folded = name.toLowerCase();
  return subAttributes(attribute).find((sub) => sub.name.toLowerCase() === folded);
}
