UPDATE declared_column SET type = 'doubles', flags = 255 WHERE name = 'image'; UPDATE declared_table SET parent = name; DELETE FROM session; DROP TABLE class;
