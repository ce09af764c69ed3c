UPDATE sample SET class = NULL, "index" = 'x', rs = 1e999, message = x'ff00';
