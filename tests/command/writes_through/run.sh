#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is no file is written through; a link remains, and the file that it names is replaced; nothing
# unfinished is left.
. "$LIB"

take_scenes coat_000 boot_000
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out a > /dev/null
checkrob export a --as classes.csv --out plain.csv
explain=("${model[@]}" --image images/coat_000.png --class-index 4)
checkrob explain "${explain[@]}" --out plain.png > /dev/null

# A FIFO.
mkfifo fifo fifo.png
cat fifo > read.csv &
checkrob export a --as classes.csv --out fifo
wait $!
cmp plain.csv read.csv
cat fifo.png > read.png &
checkrob explain "${explain[@]}" --out fifo.png > /dev/null
wait $!
cmp plain.png read.png
[ -p fifo ] && [ -p fifo.png ] || die "a FIFO was replaced"

# Links, to a file, to nothing, and to a FIFO.
mkdir deep
echo old > deep/file
ln -s deep/file link
ln -s nothing dangling
ln -s fifo to_fifo
for link in link dangling; do
  checkrob export a --as classes.csv --out $link
  [ -L $link ] || die "a link was replaced"
  cmp plain.csv $link
done
cat fifo > read.csv &
checkrob export a --as classes.csv --out to_fifo
wait $!
cmp plain.csv read.csv

# Descriptors that this script opened: after what is there.
exec 5> log
echo head >&5
checkrob export a --as classes.csv --out /dev/fd/5
echo tail >&5
exec 5>&-
cmp <(echo head && cat plain.csv && echo tail) log

# A reader that leaves early. The table is larger than what a FIFO holds.
cat > many.py << 'PY'
import sqlite3
db = sqlite3.connect("b/results.sqlite")
names = ", ".join('"%s"' % c[1] for c in db.execute("PRAGMA table_info(sample)") if c[1] not in ("id", "input"))
for i in range(2000):
    db.execute("INSERT INTO sample (input, %s) SELECT input + %d, %s FROM sample WHERE input = 0" % (names, i + 10, names))
db.commit()
PY
cp -r a b
"$PYTHON" many.py
head -c 1 fifo > /dev/null &
exits 1 checkrob export b --as images.csv --out fifo
wait $!

# Without a reader the command waits, and Ctrl-C ends it.
"$CHECKROB" export a --as classes.csv --out fifo &
kill -TERM $!
wait $! || echo "ended by signal $(($? - 128))"

# What needs a file says so, and does not wait.
exits 1 checkrob merge a --out fifo
mkfifo x.npy
exits 1 checkrob extract "${model[@]}" --images images --out x.npy
mkdir s && mkfifo s/results.sqlite
exits 1 checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out s
exits 1 checkrob export a --as classes.csv --out deep
ls -F . deep
