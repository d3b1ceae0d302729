import { FRIENDLY_NAME_LENGTH } from "./account.js";
import { between, pick, type Random } from "./randomness.js";

/** How a seeded account's friendly name is made; one of each in every block of accounts of this length. */
export type NameStyle =
  | "company"
  | "repeated"
  | "repeated-in-other-case"
  | "e-mail"
  | "person"
  | "unicode"
  | "one-word"
  | "longest";

export const NAME_DECK: readonly NameStyle[] = [
  ...Array<NameStyle>(6).fill("company"),
  ...Array<NameStyle>(5).fill("person"),
  ...Array<NameStyle>(4).fill("e-mail"),
  ...Array<NameStyle>(3).fill("unicode"),
  "repeated",
  "repeated",
  "repeated",
  "repeated-in-other-case",
  "one-word",
  "one-word",
  "longest",
];

export function friendlyName(style: NameStyle, random: Random): string {
  switch (style) {
    case "company":
      return `${pick(random, COMPANIES)} ${pick(random, DEPARTMENTS)} ${between(random, 1, 999)}`;
    case "repeated":
      return pick(random, REPEATED);
    case "repeated-in-other-case":
      return pick(random, REPEATED).toUpperCase();
    case "e-mail":
      return `${pick(random, GIVEN)}.${pick(random, FAMILY)}${between(random, 1, 9999)}@example.com`.toLowerCase();
    case "person":
      return `${pick(random, GIVEN)} ${pick(random, FAMILY)}`;
    case "unicode":
      return `${pick(random, UNICODE)} ${between(random, 1, 99)}`;
    case "one-word":
      return `${pick(random, COMPANIES)}${between(random, 1, 9999)}`;
    case "longest":
      return longest(random);
  }
}

/** As many code points as Twilio takes; the last is outside the basic plane, so that its length in UTF-16 is more. */
function longest(random: Random): string {
  const start = `${pick(random, COMPANIES)} Communications Holding ${between(random, 1, 9999)} `;
  return `${start.padEnd(FRIENDLY_NAME_LENGTH - 1, "long name ")}\u{1F4DE}`;
}

const COMPANIES = ["Acme", "Globex", "Initech", "Umbra", "Hooli", "Vandelay", "Soylent", "Stark"] as const;
const DEPARTMENTS = ["Support", "Sales", "Alerts", "Logistics", "Billing", "Staging", "Production"] as const;
const REPEATED = ["Marketing", "Test", "Customer Care"] as const;
const GIVEN = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Katherine", "Linus", "Radia"] as const;
const FAMILY = ["Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Johnson", "Perlman"] as const;
const UNICODE = [
  "Zoë Müller-Lüdenscheid",
  "株式会社 サポート",
  "Łódź Oddział",
  "Отдел продаж",
  "مركز الاتصال",
  "Cafe\u0301 Québec",
  "Equipo ñandú \u{1F680}",
] as const;
