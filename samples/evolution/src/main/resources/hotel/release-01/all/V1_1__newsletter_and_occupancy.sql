CREATE TABLE newsletter (
    guest_id INT         NOT NULL,
    topic    VARCHAR(50) NOT NULL,
    PRIMARY KEY (guest_id, topic),
    FOREIGN KEY (guest_id) REFERENCES guest (id) ON DELETE CASCADE
);

CREATE VIEW occupancy AS
SELECT r.number, COUNT(b.id) AS bookings
FROM room r
         LEFT JOIN booking b ON b.room_id = r.id
GROUP BY r.number;
