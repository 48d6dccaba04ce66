UPDATE booking SET departure = arrival + nights WHERE departure IS NULL;
