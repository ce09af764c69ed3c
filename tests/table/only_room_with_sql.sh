#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SQL and SQLite are known in lib/table alone: only_room_with_sql.sh SOURCE_FOLDER
set -u
cd "$1" || exit 1
found=$(grep -rnE 'sqlite3|"(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ATTACH|DETACH|PRAGMA|BEGIN|COMMIT|ROLLBACK)\b' \
          --include='*.[ch]' --include='*.cpp' --include='*.hpp' lib tools shim include | grep -v '^lib/table/')
[ -z "$found" ] && exit 0
echo "SQL outside lib/table:"
echo "$found"
exit 1
