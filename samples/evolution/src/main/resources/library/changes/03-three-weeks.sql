--liquibase formatted sql

--changeset library:three-weeks
ALTER TABLE loan ALTER COLUMN days SET DEFAULT 21;
--rollback ALTER TABLE loan ALTER COLUMN days SET DEFAULT 14;
