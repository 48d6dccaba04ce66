-- Release 5 does not know the country, and gives no floor: both become required when nothing goes back to it any more.
ALTER TABLE guest ADD COLUMN country CHAR(2);
