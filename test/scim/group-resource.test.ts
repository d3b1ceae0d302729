import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { AccountSid } from "../../src/directory/account.js";
import type { Group } from "../../src/directory/group.js";
import { groupVersion, renderGroup, renderNamedMember } from "../../src/scim/group-resource.js";
import { isJsonObject } from "../../src/scim/resource.js";
import { BASE_URL } from "./fake-directory.js";
import { GROUP_ID, group, groupSchema } from "./sample-groups.js";
import { schemas, sid, user } from "./sample-users.js";

const USERS = new Map(
  [
    user({ userName: "babs@example.com", displayName: "Babs Jensen" }, { sid: sid(1) }),
    user({ userName: "mandy@example.com" }, { sid: sid(2) }),
  ].map((known) => [known.account.sid, known]),
);

const userOf = (one: AccountSid) => USERS.get(one);

function render(subject: Group, said: Partial<Parameters<typeof renderGroup>[1]> = {}) {
  return renderGroup(subject, { baseUrl: BASE_URL, withMembers: true, withDisplay: true, userOf, ...said });
}

/** What the served schema says of names, by the names it knows. */
function namesIn(attributes: unknown): Map<string, Map<string, unknown>> {
  if (!Array.isArray(attributes)) return new Map();
  return new Map(
    attributes
      .filter(isJsonObject)
      .map(({ name, subAttributes }) => [String(name), namesIn(subAttributes)] as const),
  );
}

/** What every resource has (RFC 7643 §3.1), and no schema needs to name. */
const COMMON = ["schemas", "id", "meta"];

describe("the resource of a group", () => {
  it("has everything that RFC 7643 §4.2 has", () => {
    expect(render(group())).toEqual({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      id: GROUP_ID,
      externalId: "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
      displayName: "Tour Guides",
      members: [
        { value: sid(1), $ref: `${BASE_URL}/Users/${sid(1)}`, type: "User", display: "Babs Jensen" },
        { value: sid(2), $ref: `${BASE_URL}/Users/${sid(2)}`, type: "User", display: "mandy@example.com" },
      ],
      meta: {
        resourceType: "Group",
        created: "2010-01-23T04:56:22.000Z",
        lastModified: "2011-05-13T04:42:34.000Z",
        location: `${BASE_URL}/Groups/${GROUP_ID}`,
        version: groupVersion(group()),
      },
    });
  });

  it("always has the same order", () => {
    const names = ["schemas", "id", "externalId", "displayName", "members", "meta"];
    expect(Object.keys(render(group()))).toEqual(names);
  });

  it("leaves out what it has not", () => {
    const bare = render(group({ attributes: { displayName: "g" }, members: new Set() }));
    expect(Object.keys(bare)).toEqual(["schemas", "id", "displayName", "meta"]);
  });

  it("has a member of whom nothing is to be seen by its id alone", () => {
    expect(renderNamedMember(sid(9), BASE_URL, userOf)).toEqual({
      value: sid(9),
      $ref: `${BASE_URL}/Users/${sid(9)}`,
      type: "User",
    });
  });

  it("has no members where they are not wanted, and looks nobody up", () => {
    const asked: AccountSid[] = [];
    const look = (one: AccountSid) => {
      asked.push(one);
      return undefined;
    };
    const { members: _, ...rest } = render(group());
    expect(render(group(), { withMembers: false, userOf: look })).toEqual(rest);
    expect(asked).toEqual([]);
    render(group(), { withDisplay: false, userOf: look });
    expect(asked).toEqual([]);
    render(group(), { userOf: look });
    expect(asked).toEqual([sid(1), sid(2)]);
  });

  it("has no name that its schema has not, and leaves out none", () => {
    const document = schemas.documents.schemas.find(({ id }) => id === groupSchema.core.id);
    const known = namesIn(document?.attributes);
    const { members, ...others } = render(group());
    const ofMembers = Array.isArray(members) ? members.flatMap((member) => Object.keys(member)) : [];
    const ofGroup = Object.keys(others).filter((name) => !COMMON.includes(name));
    expect(new Set(known.keys())).toEqual(new Set([...ofGroup, "members"]));
    expect(new Set(known.get("members")?.keys())).toEqual(new Set(ofMembers));
  });

  it("can be asked for by every name that it has", () => {
    for (const [name, value] of Object.entries(render(group()))) {
      expect(groupSchema.find(name)?.attribute?.name).toBe(name);
      const [first] = Array.isArray(value) ? value : [value];
      if (!isJsonObject(first)) continue;
      for (const sub of Object.keys(first)) {
        expect(groupSchema.find(`${name}.${sub}`)?.sub?.name).toBe(sub);
      }
    }
  });
});

describe("the version of a group", () => {
  it("is a weak entity tag, and the one that is in meta", () => {
    expect(groupVersion(group())).toMatch(/^W\/"[\x21\x23-\x7e]+"$/);
    expect(render(group()).meta).toMatchObject({ version: groupVersion(group()) });
  });

  it("moves with each write, which has a time of its own, and with who leaves between two", () => {
    const written = fc.record({ lastModified: fc.nat(50), size: fc.nat(50) });
    fc.assert(
      fc.property(written, written, (one, other) => {
        const [a, b] = [one, other].map(({ lastModified, size }) =>
          groupVersion(
            group({ lastModified, members: new Set(Array.from({ length: size }, (_, n) => sid(n))) }),
          ),
        );
        expect(a === b).toBe(one.lastModified === other.lastModified && one.size === other.size);
      }),
      // Whose digits, in the base that is used, are the same in a row.
      {
        examples: [
          [
            { lastModified: 1, size: 37 },
            { lastModified: 37, size: 1 },
          ],
        ],
      },
    );
  });

  it("stays where a member is called something else, and under another address", () => {
    const renamed = () => user({ userName: "other" });
    const versionIn = ({ meta }: Readonly<Record<string, unknown>>) => Object(meta).version;
    const here = versionIn(render(group()));
    expect(versionIn(render(group(), { userOf: renamed }))).toBe(here);
    expect(versionIn(render(group(), { baseUrl: "https://other.example/scim/v2" }))).toBe(here);
    expect(versionIn(render(group(), { withMembers: false }))).toBe(here);
  });

  it("looks at no member, of whom there may be ten thousand", () => {
    class Unread extends Set<AccountSid> {
      override get size(): number {
        return 10_000;
      }
      override [Symbol.iterator](): never {
        throw new Error("looked at");
      }
      override has(): never {
        throw new Error("looked at");
      }
      override forEach(): never {
        throw new Error("looked at");
      }
    }
    expect(groupVersion(group({ members: new Unread() }))).toMatch(/^W\//);
  });
});
