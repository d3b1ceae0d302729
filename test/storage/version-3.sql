-- What version 3 made and wrote beside what version 2 did: to be run after version-2.sql.
PRAGMA user_version = 3;
CREATE TABLE user_group (
  id TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  folded_name TEXT NOT NULL UNIQUE,
  external_id TEXT,
  created INTEGER NOT NULL,
  last_modified INTEGER NOT NULL
) STRICT;
CREATE TABLE group_member (
  group_id TEXT NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
  account_sid TEXT NOT NULL REFERENCES account (sid) ON DELETE CASCADE,
  PRIMARY KEY (group_id, account_sid)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_member_account ON group_member (account_sid);
INSERT INTO identity VALUES ('AC00000000000000000000000000000003', '{"userName":"Käse \"&\" \\ 💡 \u0000 \ud800 end","externalId":"Käse \"&\" \\ 💡 \u0000 \ud800 end","emails":[{"value":"Käse \"&\" \\ 💡 \u0000 \ud800 end"},{"value":"kaese@example.com","type":"work"}]}', 'Account 3', 1720000000003);
INSERT INTO user_group VALUES ('00000000-0000-4000-8000-000000000001', 'Group 1', 'group 1', NULL, 1750000000001, 1760000000001);
INSERT INTO group_member VALUES ('00000000-0000-4000-8000-000000000001', 'AC00000000000000000000000000000002');
