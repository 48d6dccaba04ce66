ALTER TABLE guest RENAME COLUMN mobile TO phone;
