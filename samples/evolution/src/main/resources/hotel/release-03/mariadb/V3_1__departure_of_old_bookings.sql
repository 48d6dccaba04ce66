UPDATE booking SET departure = DATE_ADD(arrival, INTERVAL nights DAY) WHERE departure IS NULL;
