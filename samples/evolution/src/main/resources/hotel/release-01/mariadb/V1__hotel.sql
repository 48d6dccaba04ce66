CREATE TABLE guest (
    id    INT AUTO_INCREMENT PRIMARY KEY,
    name  VARCHAR(100) NOT NULL,
    email VARCHAR(200) NOT NULL,
    phone VARCHAR(30)
);

CREATE TABLE room (
    id     INT AUTO_INCREMENT PRIMARY KEY,
    number VARCHAR(10)                       NOT NULL UNIQUE,
    kind   ENUM ('SINGLE', 'DOUBLE', 'SUITE') NOT NULL,
    price  NUMERIC(10, 2)                    NOT NULL
);

CREATE TABLE booking (
    id       INT AUTO_INCREMENT PRIMARY KEY,
    guest_id INT         NOT NULL REFERENCES guest (id),
    room_id  INT         NOT NULL REFERENCES room (id),
    arrival  DATE        NOT NULL,
    nights   INT         NOT NULL,
    status   ENUM ('REQUESTED', 'CONFIRMED', 'CANCELLED') NOT NULL DEFAULT 'REQUESTED',
    channel  VARCHAR(10) NOT NULL DEFAULT 'DESK'
);

CREATE TABLE invoice (
    id         INT AUTO_INCREMENT PRIMARY KEY,
    booking_id INT            NOT NULL REFERENCES booking (id) ON DELETE CASCADE,
    amount     NUMERIC(10, 2) NOT NULL,
    currency   CHAR(3)        NOT NULL DEFAULT 'EUR'
);
