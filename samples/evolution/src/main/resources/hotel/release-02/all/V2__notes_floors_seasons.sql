ALTER TABLE booking ADD COLUMN note VARCHAR(200);
ALTER TABLE booking ADD COLUMN breakfast INT NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN floor INT;

CREATE TABLE season (
    name      VARCHAR(50) PRIMARY KEY,
    surcharge INT NOT NULL
);

CREATE INDEX booking_arrival ON booking (arrival);

CREATE VIEW arrivals AS
SELECT b.arrival, g.name, b.id AS booking_id
FROM booking b
         JOIN guest g ON g.id = b.guest_id;
