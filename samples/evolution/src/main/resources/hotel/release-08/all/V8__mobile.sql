ALTER TABLE guest RENAME COLUMN phone TO mobile;
