ALTER TABLE booking DROP COLUMN nights;
DROP TABLE newsletter;
