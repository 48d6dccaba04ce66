--liquibase formatted sql

--changeset library:states
UPDATE member SET state = CASE state WHEN 'A' THEN 'ACTIVE' ELSE 'BLOCKED' END;
ALTER TABLE member ALTER COLUMN state SET DEFAULT 'ACTIVE';
--rollback ALTER TABLE member ALTER COLUMN state SET DEFAULT 'A';
--rollback UPDATE member SET state = CASE state WHEN 'ACTIVE' THEN 'A' ELSE 'B' END;
