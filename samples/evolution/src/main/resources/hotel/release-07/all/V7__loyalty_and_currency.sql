CREATE TABLE loyalty_card (
    guest_id INT PRIMARY KEY,
    points   INT NOT NULL,
    FOREIGN KEY (guest_id) REFERENCES guest (id)
);

ALTER TABLE invoice ALTER COLUMN currency DROP DEFAULT;
