--liquibase formatted sql

--changeset library:small-letters-postgresql dbms:postgresql splitStatements:false
CREATE FUNCTION small_letters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.email := LOWER(NEW.email);
    RETURN NEW;
END
$$;
CREATE TRIGGER member_small_letters BEFORE INSERT ON member FOR EACH ROW EXECUTE FUNCTION small_letters();
--rollback DROP TRIGGER member_small_letters ON member; DROP FUNCTION small_letters();

--changeset library:small-letters-mariadb dbms:mariadb splitStatements:false
CREATE TRIGGER member_small_letters BEFORE INSERT ON member FOR EACH ROW SET NEW.email = LOWER(NEW.email);
--rollback DROP TRIGGER member_small_letters;

--changeset library:no-reasons
ALTER TABLE fine DROP COLUMN reason;
--rollback ALTER TABLE fine ADD COLUMN reason VARCHAR(100);
