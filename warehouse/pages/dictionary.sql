SELECT object, kind, column_name, type, meaning FROM dictionary ORDER BY object, column_name
