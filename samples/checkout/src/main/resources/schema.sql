create table customers (
    id bigint primary key,
    country char(2) not null
);

create table carts (
    customer bigint primary key references customers (id),
    cents bigint not null,
    currency char(3) not null,
    voucher_cents bigint not null
);

create table exchange_rates (
    currency char(3) primary key,
    per_euro decimal(12, 6) not null
);

create table quotes (
    request varchar(40) primary key,
    customer bigint not null references customers (id),
    release varchar(20) not null,
    cents bigint not null,
    currency char(3) not null,
    withdrawn boolean default false not null
);

insert into exchange_rates values ('EUR', 1), ('USD', 1.0842), ('GBP', 0.8561), ('CHF', 0.9374), ('SEK', 11.2830);
