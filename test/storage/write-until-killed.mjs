/** Writes to the store at the URL given, and prints the number of each write once it is said to be done. */
import { writeSync } from "node:fs";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { account, group, identity, intent, row, sid, silentLog } from "./stored-examples.js";

const store = await openSqliteStore({ url: process.argv[2], log: silentLog });
for (let n = 1; ; n++) {
  const shown = row(account(n));
  switch (n % 4) {
    case 0:
      await store.saveAccounts([shown]);
      break;
    case 1:
      await store.saveIdentity(identity(n), shown);
      break;
    case 2:
      await store.saveGroup(group(n), { added: [sid(n - 1)], removed: [] });
      break;
    default:
      await store.openIntent(intent(n));
  }
  writeSync(1, `${n}\n`);
}
