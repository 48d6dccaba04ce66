ALTER TABLE booking ADD COLUMN departure DATE;
