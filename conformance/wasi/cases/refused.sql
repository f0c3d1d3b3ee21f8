-- A database in a folder that cannot be written, and one that is not there to read.
attach '/tmp/no/such/folder.db' as a;
select 'after';
--= 1
