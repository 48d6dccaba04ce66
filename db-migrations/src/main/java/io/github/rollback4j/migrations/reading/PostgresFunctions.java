package io.github.rollback4j.migrations.reading;

import java.util.List;
import java.util.Set;

/** The functions of PostgreSQL that are known to do nothing but return a value. */
final class PostgresFunctions {

    private static final Set<String> HARMLESS =
            Set.of(("abs acos age any_value array asin ascii atan atan2 avg bit_and bit_length bit_or bit_xor "
                            + "bool_and bool_or btrim cardinality cast cbrt ceil ceiling char_length character_length chr clock_timestamp coalesce "
                            + "col_description concat concat_ws convert convert_from convert_to corr cos cot count covar_pop covar_samp cume_dist "
                            + "current_catalog current_database current_date current_query current_role current_schema current_schemas current_setting "
                            + "current_time current_timestamp current_user currval date_bin date_part date_trunc decode degrees dense_rank digest div "
                            + "encode every exp extract factorial first_value float8 floor format format_type gcd gen_random_bytes gen_random_uuid generate_series "
                            + "generate_subscripts get_bit get_byte greatest hashtext initcap int4 int8 isfinite justify_days justify_hours "
                            + "justify_interval lag last_value lastval lcm lead least left length ln localtime localtimestamp log log10 lower lower_inc "
                            + "lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz max md5 merge_action min min_scale mod mode "
                            + "nextval normalize now nth_value ntile nullif num_nonnulls num_nulls numrange obj_description octet_length overlay "
                            + "parse_ident percent_rank percentile_cont percentile_disc pi position power quote_ident quote_literal quote_nullable "
                            + "radians random range_agg range_merge rank regr_count repeat replace reverse right round row row_number row_to_json "
                            + "rpad rtrim scale session_user setseed setweight sha224 sha256 sha384 sha512 shobj_description sign similarity sin "
                            + "split_part sqrt starts_with statement_timestamp stddev stddev_pop stddev_samp strip strpos substr substring sum "
                            + "tan text timeofday timezone transaction_timestamp translate trim trim_array trim_scale trunc txid_current unaccent unistr "
                            + "unnest upper upper_inc user uuid_generate_v1 uuid_generate_v4 uuidv4 uuidv7 var_pop var_samp variance version width_bucket "
                            + "crypt gen_salt lower_inf upper_inf isempty daterange int4range int8range tsrange tstzrange multirange hstore "
                            + "bigint date integer numeric smallint timestamp timestamptz time interval varchar char boolean grouping grouping_id sleep host "
                            + "masklen netmask network broadcast family point line lseg box path polygon circle area center diameter radius "
                            + "nlevel subpath subltree lca akeys avals skeys svals each exist defined row_security_active "
                            + "pg_advisory_lock pg_advisory_xact_lock pg_advisory_unlock pg_advisory_unlock_all pg_try_advisory_lock "
                            + "pg_try_advisory_xact_lock pg_advisory_lock_shared pg_advisory_xact_lock_shared pg_sleep pg_backend_pid pg_typeof "
                            + "pg_relation_size pg_total_relation_size pg_table_size pg_indexes_size pg_database_size pg_size_pretty pg_column_size "
                            + "pg_table_is_visible pg_type_is_visible pg_function_is_visible pg_is_in_recovery pg_current_wal_lsn pg_encoding_to_char "
                            + "pg_my_temp_schema pg_postmaster_start_time pg_relation_filenode pg_input_is_valid pg_char_to_encoding pg_client_encoding "
                            + "pg_collation_for")
                    .split(" "));

    private static final List<String> HARMLESS_BEGINNINGS = List.of(
            "array_",
            "has_",
            "inet_",
            "json_",
            "jsonb_",
            "pg_get_",
            "regexp_",
            "string_",
            "to_",
            "ts_",
            "xml",
            "xpath",
            "pg_ls_",
            "numnode",
            "plainto_ts",
            "phraseto_ts",
            "websearch_to_ts",
            "txid_");

    private PostgresFunctions() {}

    /** Returns whether a function is built in, or of a well-known extension, and leaves all as it is. */
    static boolean isHarmless(String name) {
        return HARMLESS.contains(name) || HARMLESS_BEGINNINGS.stream().anyMatch(name::startsWith);
    }
}
