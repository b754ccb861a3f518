/**
 * Does a text of SQL only read? A SELECT can call functions that write, so every function is on a list, and whatever the
 * small tokenizer here does not know makes the answer no. Views and operators of the database itself are trusted: whoever
 * made them could change data already.
 */

export type Dialect = "postgres" | "mysql" | "sqlite" | "duckdb" | "clickhouse" | "influx";

export type SqlReading =
  | { kind: "reads"; strings: readonly string[] }
  | { kind: "secret"; name: string }
  | { kind: "acts"; why: string };

type Token = { kind: "word" | "name" | "text" | "number" | "mark"; text: string };

const starts: Readonly<Record<Dialect, RegExp>> = {
  postgres: /^(select|with|values|table|show|explain)$/,
  mysql: /^(select|with|values|table|show|explain|describe|desc|use|help|status)$/,
  sqlite: /^(select|with|values|explain|pragma)$/,
  duckdb: /^(select|with|values|from|show|explain|describe|desc|summarize|pragma)$/,
  clickhouse: /^(select|with|show|explain|describe|desc|exists|use)$/,
  influx: /^(select|show|explain|use)$/,
};

// Anywhere in a statement these change rows, tables, files or locks.
const acting =
  /^(insert|update|delete|merge|into|create|refresh|execute|declare|call|drop|alter|truncate|copy|grant|revoke|outfile|dumpfile|attach|install|vacuum|reindex|procedure)$/;

const secretName =
  /^(pg_subscription|user_mapping_options|umoptions)$|passw|secret|(^|_)(api_?key|private_?key|access_?key|tokens?)($|_)|credential|authentication_string|conninfo|^pg_(shadow|authid|user_mappings?|hba_file_rules)$|mysql_native|^(password|totp|otp)_?hash/i;

// What may stand before a parenthesis without calling anything.
const beforeParenthesis = new Set(
  "in as and or not on by from select where over filter exists any all some like ilike between when then else case union except intersect join using values having limit offset distinct interval group lateral partition materialized explain analyze numeric decimal varchar timestamp timestamptz bit rollup cube sets index use force ignore copy".split(
    " ",
  ),
);

const functions = new Set(
  `count sum avg min max round floor ceil ceiling abs sign mod power sqrt exp ln log log10 log2 trunc truncate random greatest least coalesce nullif ifnull isnull iif if nvl cast try_cast convert typeof pg_typeof
  lower upper length char_length character_length octet_length bit_length substr substring left right trim ltrim rtrim btrim replace reverse repeat lpad rpad concat concat_ws position strpos instr locate split_part initcap ascii chr char hex unhex to_hex md5 sha1 sha2 sha256 encode decode format quote quote_ident quote_literal translate starts_with regexp_match regexp_matches regexp_replace regexp_like regexp_count regexp_substr string_agg group_concat array_agg array_to_string string_to_array array_length cardinality unnest array array_upper array_lower array_position any_value list
  now current_timestamp current_date current_time localtime localtimestamp clock_timestamp statement_timestamp transaction_timestamp date time datetime timestamp julianday strftime date_trunc date_part date_bin extract age to_char to_date to_timestamp to_number make_date make_interval make_timestamp justify_interval curdate curtime sysdate utc_timestamp date_format date_add date_sub datediff timestampdiff timestampadd unix_timestamp from_unixtime year month day hour minute second week weekday dayofweek dayname monthname last_day quarter str_to_date adddate subdate epoch
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value percentile_cont percentile_disc mode stddev stddev_pop stddev_samp variance var_pop var_samp corr bool_and bool_or every bit_and bit_or bit_count grouping median approx_count_distinct quantile quantile_cont arg_max arg_min
  json_build_object json_agg jsonb_agg json_object_agg jsonb_object_agg jsonb_build_object row_to_json to_json to_jsonb json_extract json_unquote json_extract_path json_extract_path_text jsonb_extract_path_text json_array_length jsonb_array_length json_array_elements jsonb_array_elements jsonb_array_elements_text json_each jsonb_each jsonb_each_text json_each_text json_tree json_object json_array json_type json_valid json_keys json_length json_contains jsonb_object_keys json_object_keys jsonb_typeof jsonb_pretty json_arrayagg json_objectagg
  generate_series version database schema user current_user session_user current_database current_schema current_schemas current_setting inet_server_addr inet_server_port inet_client_addr connection_id found_rows row_count last_insert_id sqlite_version changes total_changes last_insert_rowid
  pg_size_pretty pg_database_size pg_total_relation_size pg_relation_size pg_table_size pg_indexes_size pg_tablespace_size pg_column_size pg_size_bytes pg_relation_filepath pg_get_viewdef pg_get_indexdef pg_get_constraintdef pg_get_functiondef pg_get_expr pg_get_userbyid pg_get_serial_sequence pg_backend_pid pg_blocking_pids pg_is_in_recovery pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_current_wal_lsn pg_wal_lsn_diff pg_postmaster_start_time pg_conf_load_time pg_stat_get_activity pg_table_is_visible pg_encoding_to_char pg_lock_status pg_tables pg_is_wal_replay_paused obj_description col_description shobj_description format_type has_table_privilege has_schema_privilege has_database_privilege txid_current_if_assigned age mxid_age to_regclass to_regtype inet host masklen network set_masklen width_bucket tsvector to_tsvector to_tsquery plainto_tsquery websearch_to_tsquery ts_rank similarity
  read_csv read_csv_auto read_parquet parquet_scan parquet_metadata parquet_schema read_json read_json_auto read_ndjson
  pragma_table_info pragma_table_list pragma_index_list pragma_index_info pragma_foreign_key_list table_info table_xinfo index_list index_info index_xinfo foreign_key_list foreign_key_check integrity_check quick_check table_list
  total printf like glob likely unlikely nullif zeroblob unicode soundex inet_aton inet_ntoa inet6_ntoa uuid_to_bin bin_to_uuid field find_in_set elt make_set st_astext st_x st_y
  formatreadablesize formatreadabletimedelta uniq uniqexact todate todatetime tostring touint64 tostartofhour tostartofday tostartofminute topk argmax argmin countif sumif avgif anylast any
  mean spread percentile derivative non_negative_derivative difference moving_average first last top bottom distinct integral elapsed`
    .split(/\s+/)
    .filter((name) => name !== ""),
);

// A pragma with a value in parentheses names a table only for these; others it sets.
const askingPragma =
  /^(table_info|table_xinfo|table_list|index_list|index_info|index_xinfo|foreign_key_list|foreign_key_check|integrity_check|quick_check|database_list|collation_list|function_list|module_list|pragma_list|compile_options|database_size|show_tables|version)$/;
const plainPragma =
  /^(user_version|application_id|schema_version|journal_mode|page_count|page_size|freelist_count|encoding|foreign_keys|synchronous|cache_size|auto_vacuum|busy_timeout|data_version|locking_mode|mmap_size|temp_store|wal_autocheckpoint|max_page_count|journal_size_limit)$/;

/** Longer than anybody types. */
const longest = 20_000;

export function readSql(text: string, dialect: Dialect): SqlReading {
  const tokens = text.length > longest ? null : tokenize(text, dialect);
  if (tokens === null) return { kind: "acts", why: "it holds what the gate does not follow" };
  // DuckDB reads a table name in quotes as a file.
  const strings = tokens.filter((token) => /^(text|name)$/.test(token.kind)).map((token) => token.text);
  for (const statement of split(tokens)) {
    const reading = readStatement(statement, dialect);
    if (reading !== null) return reading;
  }
  return { kind: "reads", strings };
}

function readStatement(tokens: readonly Token[], dialect: Dialect): SqlReading | null {
  const first = tokens[0];
  if (first === undefined) return null;
  const verb = first.text.toLowerCase();
  const copied = dialect === "postgres" && verb === "copy" ? copiedOut(tokens) : null;
  if (copied !== null) return readStatement(copied, dialect);
  if (first.kind !== "word" || !starts[dialect].test(verb))
    return { kind: "acts", why: `${first.text} is not known to only read` };
  const secret = tokens.find(
    (token) =>
      (/^(word|name)$/.test(token.kind) && secretName.test(token.text)) ||
      // Asked for by its name: `current_setting('primary_conninfo')`.
      (token.kind === "text" && /^\w*(conninfo|passphrase_command)$/i.test(token.text)),
  );
  if (secret !== undefined) return { kind: "secret", name: secret.text };
  if (verb === "pragma") return readPragma(tokens);
  const words = tokens.map((token) => (token.kind === "word" ? token.text.toLowerCase() : ""));
  // The tables of accounts keep passwords too: their other columns have to be named.
  const names = dialect === "duckdb" ? tokens.find((_, index) => isMadeUpName(tokens, index)) : undefined;
  if (names !== undefined)
    return { kind: "acts", why: `which file ${names.text}() reads is only known at run time` };
  if (dialect === "mysql" && namesAccounts(tokens) && (takesAll(tokens) || words.includes("table")))
    return { kind: "secret", name: "mysql.user" };
  if (verb === "show")
    return words.includes("create") && words.includes("user")
      ? { kind: "secret", name: "user" }
      : readCalls(tokens);
  if (verb === "use" && words.includes("mysql")) return { kind: "secret", name: "mysql.user" };
  const act = words.find(
    (word, index) => acting.test(word) && words[index - 1] !== "." && tokens[index - 1]?.text !== ".",
  );
  if (act !== undefined) return { kind: "acts", why: `${act} changes data` };
  // SELECT … FOR UPDATE and FOR SHARE take locks.
  if (words.some((word, index) => word === "for" && /^(share|no|key)$/.test(words[index + 1] ?? "")))
    return { kind: "acts", why: "takes locks" };
  return readCalls(tokens);
}

/** `COPY … TO STDOUT` prints what its query, or its table, holds. */
function copiedOut(tokens: readonly Token[]): readonly Token[] | null {
  const at = tokens.findLastIndex((token) => token.text.toLowerCase() === "to");
  if (tokens[at + 1]?.text.toLowerCase() !== "stdout") return null;
  const source = tokens.slice(1, at);
  if (source[0]?.text === "(") return source.at(-1)?.text === ")" ? source.slice(1, -1) : null;
  return [{ kind: "word", text: "table" }, ...source];
}

/** A reader of DuckDB takes names written out: one that is put together could be any file. */
function isMadeUpName(tokens: readonly Token[], index: number): boolean {
  const isReader = /^(read_\w+|parquet_\w+|glob)$/i.test(tokens[index]?.text ?? "");
  if (!isReader || tokens[index]?.kind !== "word" || tokens[index + 1]?.text !== "(") return false;
  const rest = tokens.slice(index + 2);
  const end = rest[0]?.text === "[" ? rest.findIndex((token) => token.text === "]") + 1 : 1;
  const isNamed = rest
    .slice(0, end)
    .every((token) => token.kind === "text" || (token.kind === "mark" && /^[[\],]$/.test(token.text)));
  return !isNamed || !/^[,)]$/.test(rest[end]?.text ?? "");
}

function namesAccounts(tokens: readonly Token[]): boolean {
  return tokens.some(
    (token, index) =>
      /^(user|global_priv|db|proxies_priv|servers|slave_master_info)$/i.test(token.text) &&
      tokens[index - 1]?.text === "." &&
      tokens[index - 2]?.text.toLowerCase() === "mysql",
  );
}

/** A star that is not `count(*)`. */
function takesAll(tokens: readonly { text: string }[]): boolean {
  return tokens.some((token, index) => token.text === "*" && tokens[index - 1]?.text !== "(");
}

function readCalls(tokens: readonly Token[]): SqlReading | null {
  for (const [index, token] of tokens.entries()) {
    if (token.text !== "(" || token.kind !== "mark") continue;
    const before = tokens[index - 1];
    if (before === undefined || before.kind === "mark" || before.kind === "number") continue;
    const name = before.text.toLowerCase();
    // A string before a parenthesis is MySQL's or ANSI's way to quote a name: not followed.
    const isQualified =
      tokens[index - 2]?.text === "." && tokens[index - 3]?.text.toLowerCase() !== "pg_catalog";
    // `WITH name (columns) AS (` names columns; the body is looked at like all else.
    const namesColumns =
      before.kind === "word" &&
      /^(with|recursive|,)$/i.test(tokens[index - 2]?.text ?? "") &&
      followsAs(tokens, index);
    if (namesColumns) continue;
    if (before.kind !== "word" || isQualified || !(beforeParenthesis.has(name) || functions.has(name)))
      return { kind: "acts", why: `${before.text}() may change something` };
  }
  return null;
}

function followsAs(tokens: readonly Token[], open: number): boolean {
  const close = tokens.findIndex((token, index) => index > open && token.text === ")");
  return close !== -1 && tokens[close + 1]?.text.toLowerCase() === "as" && tokens[close + 2]?.text === "(";
}

function readPragma(tokens: readonly Token[]): SqlReading | null {
  const names = tokens[2]?.text === "." ? tokens.slice(3) : tokens.slice(1);
  const name = names[0]?.text.toLowerCase() ?? "";
  const rest = names.slice(1);
  if (rest.some((token) => token.text === "=")) return { kind: "acts", why: `PRAGMA ${name} sets something` };
  if (askingPragma.test(name) || (plainPragma.test(name) && rest.length === 0)) return null;
  return { kind: "acts", why: `PRAGMA ${name} may set something` };
}

function split(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "mark" && token.text === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements;
}

/** Null for comments, dollar quotes, backslashes, variables: what one client reads otherwise than another. */
function tokenize(text: string, dialect: Dialect): Token[] | null {
  const tokens: Token[] = [];
  // MySQL ends a statement with \G to print rows below each other.
  const rest = dialect === "mysql" ? text.replace(/\\[Gg]\s*(;?\s*)$/, ";") : text;
  const pattern =
    /\s+|'((?:[^'\\]|'')*)'|"((?:[^"\\]|"")*)"|`([^`\\]*)`|([A-Za-z_][A-Za-z0-9_]*)|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(::|->>?|[-+*/%=<>!|&~^(),.;?@]|#>>?|\[|\])/gy;
  while (pattern.lastIndex < rest.length) {
    const at = pattern.lastIndex;
    const found = pattern.exec(rest);
    if (found === null) return null;
    const [all, single, double, tick, word, number, mark] = found;
    if (/^(--|\/\*)/.test(rest.slice(at)) || (mark?.startsWith("#") === true && dialect !== "postgres"))
      return null;
    // A letter directly before a string (E'…', X'…') gives it another meaning.
    if (single !== undefined && /[A-Za-z0-9_&]/.test(rest[at - 1] ?? "")) return null;
    if (single !== undefined) tokens.push({ kind: "text", text: single });
    else if (double !== undefined) tokens.push({ kind: dialect === "mysql" ? "text" : "name", text: double });
    else if (tick !== undefined) tokens.push({ kind: "name", text: tick });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (mark !== undefined) tokens.push({ kind: "mark", text: mark });
    if (all === "") return null;
  }
  return tokens;
}
