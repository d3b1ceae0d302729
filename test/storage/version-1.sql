-- What version 1 wrote: its tables as it made them, and a few rows.
PRAGMA application_id = 1396918605;
PRAGMA user_version = 1;
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  owner_account_sid TEXT,
  complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
) STRICT;
CREATE TABLE account (
  sid TEXT PRIMARY KEY,
  friendly_name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
  type TEXT NOT NULL CHECK (type IN ('Trial', 'Full')),
  owner_account_sid TEXT NOT NULL,
  date_created INTEGER NOT NULL,
  date_updated INTEGER NOT NULL,
  derived_user_name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE identity (
  account_sid TEXT PRIMARY KEY REFERENCES account (sid) ON DELETE CASCADE,
  attributes TEXT NOT NULL,
  friendly_name TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE creation_intent (
  id TEXT PRIMARY KEY,
  friendly_name TEXT NOT NULL,
  attributes TEXT NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  asked_at INTEGER NOT NULL,
  asked_at_twilio_time INTEGER NOT NULL
) STRICT;
CREATE TABLE user_name (
  folded TEXT PRIMARY KEY,
  holder TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES (1, 'AC000000000000000000000000ffffffff', 1);
INSERT INTO account VALUES ('AC00000000000000000000000000000001', 'Käse \"&\" \\ 💡 \u0000 \ud800 end', 'active', 'Full', 'AC000000000000000000000000ffffffff', 1700000000001, 1710000000001, 'Käse \"&\" \\ 💡 \u0000 \ud800 end');
INSERT INTO account VALUES ('AC00000000000000000000000000000002', '', 'suspended', 'Trial', 'AC000000000000000000000000ffffffff', 1700000000002, 1710000000002, '(none)');
INSERT INTO account VALUES ('AC00000000000000000000000000000003', 'Account 3', 'closed', 'Full', 'AC000000000000000000000000ffffffff', 1700000000003, 1710000000003, 'Account 3');
INSERT INTO account VALUES ('AC00000000000000000000000000000004', 'Account 4', 'active', 'Full', 'AC000000000000000000000000ffffffff', 1700000000004, 1710000000004, 'Account 4');
INSERT INTO identity VALUES ('AC00000000000000000000000000000004', '{"userName":"ada@example.com","externalId":"00u1","name":{"formatted":"Dr Ada K. Lovelace PhD","familyName":"Lovelace","givenName":"Ada","middleName":"K.","honorificPrefix":"Dr","honorificSuffix":"PhD"},"displayName":"Ada 💡 Lovelace","nickName":"Ada","profileUrl":"https://example.com/ada","title":"Countess","userType":"Employee","preferredLanguage":"en-GB","locale":"en-GB","timezone":"Europe/London","emails":[{"value":"ada@example.com","display":"Work","type":"work","primary":true},{"value":"ada@home.example"}],"phoneNumbers":[{"value":"tel:+44-20-0000","type":"work","primary":false}],"ims":[{"value":"ada","type":"xmpp"}],"photos":[{"value":"https://example.com/ada.png","type":"photo"}],"addresses":[{"formatted":"12 St James''s Square\nLondon","streetAddress":"12 St James''s Square","locality":"London","region":"London","postalCode":"SW1Y","country":"GB","type":"work","primary":true}],"roles":[{"value":"admin","display":"Admin"}],"x509Certificates":[{"value":"MIIB"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","costCenter":"4130","organization":"Analytical Engines","division":"Notes","department":"G","manager":{"value":"26118915","$ref":"../Users/26118915","displayName":"Charles Babbage"}}}', 'Account 4', 1720000000004);
INSERT INTO creation_intent VALUES ('intent-5', 'Account 5', '{"userName":"promised"}', 1, 1730000000005, 1730000000505);
INSERT INTO user_name VALUES ('(none)', 'AC00000000000000000000000000000002');
INSERT INTO user_name VALUES ('ada@example.com', 'AC00000000000000000000000000000004');
INSERT INTO user_name VALUES ('käse \"&\" \\ 💡 \u0000 \ud800 end', 'AC00000000000000000000000000000001');
INSERT INTO user_name VALUES ('promised', 'intent-5');
