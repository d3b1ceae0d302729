-- What version 2 made and wrote beside what version 1 did: to be run after version-1.sql.
PRAGMA user_version = 2;
CREATE TABLE activity (
  account_sid TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('current', 'stale', 'unavailable', 'pending')),
  usage TEXT,
  as_of INTEGER,
  changed_at INTEGER
) STRICT;
INSERT INTO activity VALUES ('AC00000000000000000000000000000001', 'current', '{"lastActivity":"2026-11-30","lastActivityExcludingFees":"2024-02-29","services":[{"service":"sms","display":"SMS 💡 \u0000 \ud800","lastActivity":"2026-11-30","lastActivityExcludingFees":"2024-02-29"},{"service":"verify","display":"Verify"}],"spend":{"total":"-12345678901234567890.00750","currency":"JPY"},"recentCharges":{"2026-11-29":"0.0075","2026-11-30":"-1"},"readUntil":"2026-12-01"}', 1740000000001, 1740000000000);
