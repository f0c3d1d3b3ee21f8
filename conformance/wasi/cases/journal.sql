-- A database with its rollback journal: create, commit, roll back, vacuum, and the journal kept or deleted.
create table t(a, b);
begin; insert into t select value, value * 2 from generate_series(1, 2000); commit;
select count(*), sum(a) from t;
create index i on t(b);
pragma integrity_check;
pragma journal_mode;
begin; delete from t; rollback;
select count(*) from t;
vacuum;
pragma journal_mode = persist;
update t set a = a + 1;
select sum(a) from t;
attach '/tmp/second.db' as o;
begin; create table o.u as select * from t; delete from t where a < 100; commit;
select (select count(*) from o.u), (select count(*) from t);
pragma journal_mode = truncate;
pragma locking_mode = exclusive;
pragma integrity_check;
--> 2000|2001000
--> ok
--> delete
--> 2000
--> persist
--> 2003000
--> 2000|1902
--> truncate
--> exclusive
--> ok
