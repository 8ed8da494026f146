// System: the views of pg_catalog, as SQL over its tables, and its tables that are always empty or always the
// same here: partitions, publications, policies, extended statistics, foreign data and extensions do not
// exist.
#include "engine/db/system_pg.h"

#define VIEW(view, number, text)                                                                             \
    const SystemTable system_view_##view = {                                                                 \
        .schema = "pg_catalog", .name = #view, .query = text, .oid = number}
// column list → a table without rows
#define EMPTY(view, number, columns) VIEW(view, number, "SELECT " columns " WHERE false")
#define O(name)                      "NULL::oid AS " #name
#define N(name)                      "NULL::name AS " #name
#define T(name)                      "NULL::text AS " #name
#define B(name)                      "NULL::boolean AS " #name
#define I(name)                      "NULL::integer AS " #name
#define L(name)                      "NULL::bigint AS " #name
#define R(name)                      "NULL::real AS " #name
#define M(name)                      "NULL::timestamptz AS " #name
#define TA(name)                     "NULL::text[] AS " #name
#define OA(name)                     "NULL::oid[] AS " #name
#define IA(name)                     "NULL::smallint[] AS " #name

VIEW(pg_tables, 12100,
     "SELECT n.nspname AS schemaname, c.relname AS tablename, pg_catalog.pg_get_userbyid(c.relowner) AS "
     "tableowner,"
     " NULL::name AS tablespace, c.relhasindex AS hasindexes, c.relhasrules AS hasrules,"
     " c.relhastriggers AS hastriggers, c.relrowsecurity AS rowsecurity"
     " FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
     " WHERE c.relkind IN ('r', 'p')");
VIEW(pg_views, 12101,
     "SELECT n.nspname AS schemaname, c.relname AS viewname, pg_catalog.pg_get_userbyid(c.relowner) AS "
     "viewowner,"
     " pg_catalog.pg_get_viewdef(c.oid) AS definition"
     " FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
     " WHERE c.relkind = 'v'");
VIEW(pg_matviews, 12102,
     "SELECT n.nspname AS schemaname, c.relname AS matviewname,"
     " pg_catalog.pg_get_userbyid(c.relowner) AS matviewowner, NULL::name AS tablespace,"
     " c.relhasindex AS hasindexes, c.relispopulated AS ispopulated, pg_catalog.pg_get_viewdef(c.oid) AS "
     "definition"
     " FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
     " WHERE c.relkind = 'm'");
VIEW(pg_indexes, 12103,
     "SELECT n.nspname AS schemaname, c.relname AS tablename, i.relname AS indexname, NULL::name AS "
     "tablespace,"
     " pg_catalog.pg_get_indexdef(i.oid) AS indexdef"
     " FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indrelid"
     " JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid"
     " LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace");
VIEW(pg_sequences, 12104,
     "SELECT n.nspname AS schemaname, c.relname AS sequencename,"
     " pg_catalog.pg_get_userbyid(c.relowner) AS sequenceowner, s.seqtypid::regtype AS data_type,"
     " s.seqstart AS start_value, s.seqmin AS min_value, s.seqmax AS max_value, s.seqincrement AS "
     "increment_by,"
     " s.seqcycle AS cycle, s.seqcache AS cache_size, pg_catalog.pg_sequence_last_value(c.oid) AS last_value"
     " FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid"
     " LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace");
VIEW(pg_user, 12105,
     "SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper,"
     " rolreplication AS userepl, rolbypassrls AS usebypassrls, '********'::text AS passwd,"
     " rolvaliduntil AS valuntil, rolconfig AS useconfig FROM pg_catalog.pg_roles WHERE rolcanlogin");
VIEW(pg_authid, 1260,
     "SELECT oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,"
     " rolbypassrls, rolconnlimit, NULL::text AS rolpassword, rolvaliduntil FROM pg_catalog.pg_roles");
VIEW(pg_am, 2601,
     "SELECT oid::oid AS oid, amname::name AS amname, amhandler::text AS amhandler, amtype::text AS amtype "
     "FROM (VALUES"
     " (2, 'heap', 'heap_tableam_handler', 't'), (403, 'btree', 'bthandler', 'i'),"
     " (405, 'hash', 'hashhandler', 'i')) AS a(oid, amname, amhandler, amtype)");
VIEW(pg_collation, 3456,
     "SELECT oid::oid AS oid, collname::name AS collname, 11::oid AS collnamespace, 10::oid AS collowner,"
     " collprovider::text AS collprovider, true AS collisdeterministic, encoding AS collencoding,"
     " name::text AS collcollate, name::text AS collctype, NULL::text AS colliculocale, NULL::text AS "
     "collversion"
     " FROM (VALUES (100, 'default', 'd', -1, NULL), (950, 'C', 'c', -1, 'C'), (951, 'POSIX', 'c', -1, "
     "'POSIX'))"
     " AS c(oid, collname, collprovider, encoding, name)");
VIEW(
    pg_tablespace, 1213,
    "SELECT oid::oid AS oid, spcname::name AS spcname, 10::oid AS spcowner, NULL::text[] AS spcacl,"
    " NULL::text[] AS spcoptions FROM (VALUES (1663, 'pg_default'), (1664, 'pg_global')) AS s(oid, spcname)");
VIEW(pg_language, 2612,
     "SELECT oid::oid AS oid, lanname::name AS lanname, 10::oid AS lanowner, false AS lanispl, trusted AS"
     " lanpltrusted, 0::oid AS lanplcallfoid, 0::oid AS laninline, 0::oid AS lanvalidator, NULL::text[] AS "
     "lanacl"
     " FROM (VALUES (12, 'internal', false), (14, 'sql', true)) AS l(oid, lanname, trusted)");
VIEW(pg_shdescription, 2396,
     "SELECT oid AS objoid, 1262::oid AS classoid, pg_catalog.shobj_description(oid, 'pg_database') AS "
     "description"
     " FROM pg_catalog.pg_database WHERE pg_catalog.shobj_description(oid, 'pg_database') IS NOT NULL");

EMPTY(pg_auth_members, 1261, O(roleid) "," O(member) "," O(grantor) "," B(admin_option));
EMPTY(pg_group, 12106, N(groname) "," O(grosysid) "," OA(grolist));
EMPTY(pg_range, 3541,
      O(rngtypid) "," O(rngsubtype) "," O(rngmultitypid) "," O(rngcollation) "," O(rngsubopc) "," T(
          rngcanonical) "," T(rngsubdiff));
EMPTY(pg_extension, 3079,
      O(oid) "," N(extname) "," O(extowner) "," O(extnamespace) "," B(extrelocatable) "," T(
          extversion) "," OA(extconfig) "," TA(extcondition));
EMPTY(pg_available_extensions, 12107, N(name) "," T(default_version) "," T(installed_version) "," T(comment));
EMPTY(pg_inherits, 2611, O(inhrelid) "," O(inhparent) "," I(inhseqno) "," B(inhdetachpending));
EMPTY(pg_partitioned_table, 3350,
      O(partrelid) "," T(partstrat) ", NULL::smallint AS partnatts," O(partdefid) "," IA(partattrs) "," OA(
          partclass) "," OA(partcollation) "," T(partexprs));
EMPTY(pg_policy, 3256,
      O(oid) "," N(polname) "," O(polrelid) "," T(polcmd) "," B(polpermissive) "," OA(polroles) "," T(
          polqual) "," T(polwithcheck));
EMPTY(pg_policies, 12108,
      N(schemaname) "," N(tablename) "," N(policyname) "," T(permissive) "," TA(roles) "," T(cmd) "," T(
          qual) "," T(with_check));
EMPTY(pg_publication, 6104,
      O(oid) "," N(pubname) "," O(pubowner) "," B(puballtables) "," B(pubinsert) "," B(pubupdate) "," B(
          pubdelete) "," B(pubtruncate) "," B(pubviaroot));
EMPTY(pg_publication_rel, 6106, O(oid) "," O(prpubid) "," O(prrelid) "," T(prqual) "," IA(prattrs));
EMPTY(pg_publication_namespace, 6237, O(oid) "," O(pnpubid) "," O(pnnspid));
EMPTY(pg_publication_tables, 12109,
      N(pubname) "," N(schemaname) "," N(tablename) "," TA(attnames) "," T(rowfilter));
EMPTY(pg_subscription, 6100,
      O(oid) "," O(subdbid) "," N(subname) "," O(subowner) "," B(subenabled) "," T(subconninfo) "," N(
          subslotname) "," TA(subpublications));
EMPTY(pg_statistic_ext, 3381,
      O(oid) "," O(stxrelid) "," N(stxname) "," O(stxnamespace) "," O(stxowner) "," I(stxstattarget) "," IA(
          stxkeys) "," TA(stxkind) "," T(stxexprs));
EMPTY(
    pg_stats, 12110,
    N(schemaname) "," N(tablename) "," N(attname) "," B(inherited) "," R(null_frac) "," I(avg_width) "," R(
        n_distinct) "," T(most_common_vals) "," T(most_common_freqs) "," T(histogram_bounds) "," R(correlation));
EMPTY(pg_foreign_data_wrapper, 2328,
      O(oid) "," N(fdwname) "," O(fdwowner) "," O(fdwhandler) "," O(fdwvalidator) "," TA(fdwacl) "," TA(
          fdwoptions));
EMPTY(pg_foreign_server, 1417,
      O(oid) "," N(srvname) "," O(srvowner) "," O(srvfdw) "," T(srvtype) "," T(srvversion) "," TA(
          srvacl) "," TA(srvoptions));
EMPTY(pg_foreign_table, 3118, O(ftrelid) "," O(ftserver) "," TA(ftoptions));
EMPTY(pg_user_mapping, 1418, O(oid) "," O(umuser) "," O(umserver) "," TA(umoptions));
EMPTY(pg_user_mappings, 12111,
      O(umid) "," O(srvid) "," N(srvname) "," O(umuser) "," N(usename) "," TA(umoptions));
EMPTY(pg_event_trigger, 3466,
      O(oid) "," N(evtname) "," N(evtevent) "," O(evtowner) "," O(evtfoid) "," T(evtenabled) "," TA(evttags));
EMPTY(pg_aggregate, 2600,
      O(aggfnoid) "," T(aggkind) ", NULL::smallint AS aggnumdirectargs," O(aggtransfn) "," O(aggtranstype));
EMPTY(
    pg_operator, 2617,
    O(oid) "," N(oprname) "," O(oprnamespace) "," O(oprowner) "," T(oprkind) "," B(oprcanmerge) "," B(
        oprcanhash) "," O(oprleft) "," O(oprright) "," O(oprresult) "," O(oprcom) "," O(oprnegate) "," O(oprcode));
EMPTY(pg_opclass, 2616,
      O(oid) "," O(opcmethod) "," N(opcname) "," O(opcnamespace) "," O(opcowner) "," O(opcfamily) "," O(
          opcintype) "," B(opcdefault) "," O(opckeytype));
EMPTY(pg_opfamily, 2753, O(oid) "," O(opfmethod) "," N(opfname) "," O(opfnamespace) "," O(opfowner));
EMPTY(pg_amop, 2602,
      O(oid) "," O(amopfamily) "," O(amoplefttype) "," O(amoprighttype) ", NULL::smallint AS amopstrategy," T(
          amoppurpose) "," O(amopopr) "," O(amopmethod) "," O(amopsortfamily));
EMPTY(pg_amproc, 2603,
      O(oid) "," O(amprocfamily) "," O(amproclefttype) "," O(
          amprocrighttype) ", NULL::smallint AS amprocnum," O(amproc));
EMPTY(pg_cast, 2605,
      O(oid) "," O(castsource) "," O(casttarget) "," O(castfunc) "," T(castcontext) "," T(castmethod));
EMPTY(pg_conversion, 2607,
      O(oid) "," N(conname) "," O(connamespace) "," O(conowner) "," I(conforencoding) "," I(
          contoencoding) "," O(conproc) "," B(condefault));
EMPTY(pg_default_acl, 826,
      O(oid) "," O(defaclrole) "," O(defaclnamespace) "," T(defaclobjtype) "," TA(defaclacl));
EMPTY(pg_db_role_setting, 2964, O(setdatabase) "," O(setrole) "," TA(setconfig));
EMPTY(pg_seclabel, 3596, O(objoid) "," O(classoid) "," I(objsubid) "," T(provider) "," T(label));
EMPTY(pg_seclabels, 12112,
      O(objoid) "," O(classoid) "," I(objsubid) "," T(objtype) "," O(objnamespace) "," T(objname) "," T(
          provider) "," T(label));
EMPTY(pg_shseclabel, 3592, O(objoid) "," O(classoid) "," T(provider) "," T(label));
EMPTY(pg_init_privs, 3394, O(objoid) "," O(classoid) "," I(objsubid) "," T(privtype) "," TA(initprivs));
EMPTY(pg_shdepend, 1214,
      O(dbid) "," O(classid) "," O(objid) "," I(objsubid) "," O(refclassid) "," O(refobjid) "," T(deptype));
EMPTY(pg_transform, 3576, O(oid) "," O(trftype) "," O(trflang) "," O(trffromsql) "," O(trftosql));
EMPTY(pg_largeobject_metadata, 2995, O(oid) "," O(lomowner) "," TA(lomacl));
EMPTY(pg_ts_config, 3602, O(oid) "," N(cfgname) "," O(cfgnamespace) "," O(cfgowner) "," O(cfgparser));
EMPTY(pg_ts_dict, 3600,
      O(oid) "," N(dictname) "," O(dictnamespace) "," O(dictowner) "," O(dicttemplate) "," T(dictinitoption));
EMPTY(pg_ts_parser, 3601,
      O(oid) "," N(prsname) "," O(prsnamespace) "," O(prsstart) "," O(prstoken) "," O(prsend) "," O(
          prsheadline) "," O(prslextype));
EMPTY(pg_ts_template, 3764, O(oid) "," N(tmplname) "," O(tmplnamespace) "," O(tmplinit) "," O(tmpllexize));
EMPTY(pg_rules, 12113, N(schemaname) "," N(tablename) "," N(rulename) "," T(definition));
VIEW(pg_locks, 12114,
     "SELECT CASE l.kind WHEN 'table' THEN 'relation' WHEN 'row' THEN 'tuple' ELSE l.kind END AS locktype,"
     " d.oid AS database, c.oid AS relation, NULL::integer AS page, NULL::smallint AS tuple,"
     " NULL::text AS virtualxid, NULL::oid AS transactionid, NULL::oid AS classid, l.object::oid AS objid,"
     " NULL::smallint AS objsubid, l.transaction::text AS virtualtransaction, l.session::integer AS pid,"
     " l.mode AS mode, l.granted AS granted, false AS fastpath, l.waiting_since::timestamptz AS waitstart"
     " FROM d2db.locks l LEFT JOIN pg_catalog.pg_database d ON d.datname = l.database"
     " LEFT JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(l.table_name)");
EMPTY(pg_cursors, 12115,
      T(name) "," T(statement) "," B(is_holdable) "," B(is_binary) "," B(is_scrollable) "," M(creation_time));
