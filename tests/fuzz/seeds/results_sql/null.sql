PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', ''); UPDATE option SET value = NULL WHERE name = 'top_k';
