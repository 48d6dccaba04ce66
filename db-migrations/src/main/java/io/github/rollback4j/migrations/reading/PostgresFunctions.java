package io.github.rollback4j.migrations.reading;

import java.util.Set;

/** The functions of PostgreSQL that are known to do nothing but return a value. */
final class PostgresFunctions {

    private static final Set<String> HARMLESS = PostgresTokens.words("""
            abs acos age akeys any_value area array array_agg array_append array_cat array_dims array_fill
            array_length array_lower array_ndims array_position array_positions array_prepend array_remove
            array_replace array_reverse array_sample array_shuffle array_sort array_to_json array_to_string
            array_to_tsvector array_upper ascii asin atan atan2 avals avg bigint bit bit_and bit_length bit_or
            bit_xor bool_and bool_or boolean box bpchar broadcast btrim cardinality cast cbrt ceil ceiling
            center char char_length character character_length chr circle clock_timestamp coalesce
            col_description concat concat_ws convert convert_from convert_to corr cos cot count covar_pop
            covar_samp crypt cume_dist current_catalog current_database current_date current_query current_role
            current_schema current_schemas current_setting current_time current_timestamp current_user currval
            cursor date date_bin date_part date_trunc daterange decimal decode defined degrees dense_rank
            diameter difference digest div double each encode every exist exp extract factorial family
            first_value float float8 floor format format_type gcd gen_random_bytes gen_random_uuid gen_salt
            generate_series generate_subscripts get_bit get_byte greatest grouping grouping_id
            has_any_column_privilege has_column_privilege has_database_privilege has_function_privilege has_role
            has_schema_privilege has_sequence_privilege has_table_privilege has_type_privilege hashtext host
            hstore inet_client_addr inet_client_port inet_merge inet_same_family inet_server_addr
            inet_server_port initcap int4 int4range int8 int8range integer interval isempty isfinite json_agg
            json_agg_strict json_array json_array_elements json_array_elements_text json_array_length
            json_arrayagg json_build_array json_build_object json_each json_each_text json_exists
            json_extract_path json_extract_path_text json_object json_object_agg json_object_keys json_objectagg
            json_populate_record json_populate_recordset json_query json_scalar json_serialize json_strip_nulls
            json_table json_to_record json_to_recordset json_typeof json_value jsonb_agg jsonb_array_elements
            jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each
            jsonb_each_text jsonb_exists jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object
            jsonb_object_agg jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query
            jsonb_path_query_array jsonb_path_query_first jsonb_populate_record jsonb_populate_recordset
            jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset
            jsonb_typeof justify_days justify_hours justify_interval lag last_value lastval lca lcm lead least
            left length levenshtein line ln localtime localtimestamp log log10 lower lower_inc lower_inf lpad
            lseg ltree ltrim make_date make_interval make_time make_timestamp make_timestamptz make_valid
            masklen max md5 merge_action metaphone min min_scale mod mode multirange netmask network nextval
            nlevel normalize now nth_value ntile nullif num_nonnulls num_nulls numeric numnode numrange
            obj_description octet_length overlay parse_ident path percent_rank percentile_cont percentile_disc
            pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all
            pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_backend_pid pg_char_to_encoding
            pg_client_encoding pg_collation_for pg_column_size pg_current_snapshot pg_current_wal_lsn
            pg_current_xact_id pg_database_size pg_encoding_to_char pg_function_is_visible pg_has_role
            pg_indexes_size pg_input_is_valid pg_is_in_recovery pg_my_temp_schema pg_postmaster_start_time
            pg_relation_filenode pg_relation_size pg_size_pretty pg_sleep pg_table_is_visible pg_table_size
            pg_total_relation_size pg_try_advisory_lock pg_try_advisory_xact_lock pg_type_is_visible pg_typeof
            phraseto_tsquery pi plainto_tsquery point polygon position power querytree quote_ident quote_literal
            quote_nullable radians radius random range_agg range_merge rank real regexp_count regexp_instr
            regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table
            regexp_substr regr_count repeat replace reverse right round row row_count row_number
            row_security_active row_to_json rpad rtrim scale session_user setseed setweight sha224 sha256 sha384
            sha512 shobj_description show_trgm sign similarity sin skeys smallint soundex split_part sqrt
            starts_with statement_timestamp stddev stddev_pop stddev_samp string_agg string_to_array
            string_to_table strip strpos subltree subpath substr substring sum svals tan text text2ltree time
            timeofday timestamp timestamptz timezone to_ascii to_bin to_char to_date to_hex to_json to_jsonb
            to_number to_oct to_regclass to_regcollation to_regnamespace to_regoper to_regoperator to_regproc
            to_regprocedure to_regrole to_regtype to_timestamp to_tsquery to_tsvector transaction_timestamp
            translate trim trim_array trim_scale trunc ts_debug ts_delete ts_filter ts_headline ts_lexize
            ts_parse ts_rank ts_rank_cd ts_rewrite ts_stat ts_token_type tsrange tstzrange tsvector_to_array
            txid_current txid_current_if_assigned txid_current_snapshot txid_status unaccent unistr unnest upper
            upper_inc upper_inf user uuid_generate_v1 uuid_generate_v4 uuidv4 uuidv7 var_pop var_samp varbit
            varchar variance varying version websearch_to_tsquery width_bucket word_similarity
            xml_is_well_formed xmlagg xmlattributes xmlcomment xmlconcat xmlelement xmlexists xmlforest xmlparse
            xmlpi xmlroot xmlserialize xmltable xpath xpath_exists
            """);

    /** All that begins like this shows how an object is defined. */
    private static final String SHOWING = "pg_get_";

    private PostgresFunctions() {}

    /** Returns whether a function is built in, or of a well-known extension, and leaves all as it is. */
    static boolean isHarmless(String name) {
        return HARMLESS.contains(name) || name.startsWith(SHOWING);
    }
}
