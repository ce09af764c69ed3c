# SPDX-License-Identifier: Apache-2.0
# What the scripts of the command's tests share; each begins with `. "$LIB"`. README.md lists the variables.
set -euo pipefail

# The planted example: a trained network of 10 classes, 200 scenes of 64 x 64 pixels, 20 for each class.
model=(--model "$PLANTED/model.pt" --preprocess "$PLANTED/preprocess.json")
classes=(--classes "$PLANTED/classes.csv")
scenes=(--dataset voc --images "$PLANTED/scenes/images" --annotations "$PLANTED/scenes/annotations")
# What take_scenes and write_annotation put into the working folder.
own=(--dataset voc --images images --annotations annotations)

checkrob() { "$CHECKROB" "$@"; }

# latest SUB-COMMAND...: runs it without options that a later one replaces: the command refuses an option that is given
# twice. For functions with options of their own before "$@".
latest() {
  local words=("$@") kept=() i
  local -A last=()
  for i in "${!words[@]}"; do [[ ${words[i]} != --* ]] || last[${words[i]}]=$i; done
  for ((i = 0; i < ${#words[@]}; i++)); do
    if [[ ${words[i]} == --* && ${last[${words[i]}]} -ne $i ]]; then
      ((i += 1)) # its value
    else
      kept+=("${words[i]}")
    fi
  done
  checkrob "${kept[@]}"
}

# die MESSAGE: fails the test; such a failure is never accepted as expected.
die() {
  echo "test: $*" >&2
  exit 99
}

# exits CODE COMMAND...: the command exits with this code. Its command line is printed above its error message.
exits() {
  local expected=$1 code=0
  shift
  echo "\$ $*" >&2
  "$@" || code=$?
  [ $code -eq "$expected" ] || die "exit code $code, expected $expected"
}

# skip REASON: ends the test as skipped.
skip() {
  echo "$*"
  exit 77
}

# need shared|root|MODULE...: skips the test where the authors' data, root's rights or a Python module is missing.
need() {
  local what
  for what in "$@"; do
    case $what in
    shared) [ -n "$SHARED" ] || skip "there is no shared/golden; CHECKROB_SHARED names another folder" ;;
    root) [ "$(id -u)" -eq 0 ] || skip "root's rights are needed" ;;
    *) "$PYTHON" -c "import $what" 2> /dev/null || skip "$PYTHON has no module $what" ;;
    esac
  done
}

# take_scenes NAME...: copies scenes with their annotations to images/ and annotations/.
take_scenes() {
  local name
  mkdir -p images annotations
  for name in "$@"; do
    cp "$PLANTED/scenes/images/$name.png" images/
    cp "$PLANTED/scenes/annotations/$name.xml" annotations/
  done
}

# write_annotation NAME XMIN YMIN XMAX YMAX: annotations/NAME.xml with one coat.
write_annotation() {
  mkdir -p annotations
  echo "<annotation><object><name>coat</name><bndbox><xmin>$2</xmin><ymin>$3</ymin><xmax>$4</xmax><ymax>$5</ymax>" \
    "</bndbox></object></annotation>" > "annotations/$1.xml"
}

# halve FILE: cuts a file to the first half of its bytes.
halve() { truncate -s "$(($(stat -c %s "$1") / 2))" "$1"; }

# One good sample, coat_000, and one of everything that can be wrong with a sample.
bad_images() {
  take_scenes coat_000 coat_001 coat_002 coat_003 coat_004 coat_005 coat_006
  halve images/coat_001.png
  : > images/coat_002.png
  "$PYTHON" "$COMMON/png.py" huge images/huge.png
  write_annotation huge 5 5 20 20
  halve annotations/coat_003.xml
  write_annotation coat_004 30 5 20 20
  write_annotation coat_005 300 5 320 20
  write_annotation lonely 5 5 20 20
  rm annotations/coat_006.xml
  echo "this is no picture, whatever its name says" > images/words.jpg
  write_annotation words 5 5 20 20
}

# VOC2012 with two bags and two boots, class masks of the boots (one of the wrong size), a list, and names.txt.
voc_tree() {
  mkdir -p VOC2012/ImageSets/Main VOC2012/JPEGImages VOC2012/Annotations VOC2012/SegmentationClass
  cp "$PLANTED"/scenes/images/b*_00[01].png VOC2012/JPEGImages/
  cp "$PLANTED"/scenes/annotations/b*_00[01].xml VOC2012/Annotations/
  printf '%s\n' "boot_000 -1" "bag_000 1" "bag_001  0" > VOC2012/ImageSets/Main/bag_val.txt
  printf '%s\n' background bag boot > names.txt
  # boot_000's box is columns 1 to 34, rows 43 to 60.
  "$PYTHON" "$COMMON/png.py" mask VOC2012/SegmentationClass/boot_000.png 64 1 43 34 60
  "$PYTHON" "$COMMON/png.py" mask VOC2012/SegmentationClass/boot_001.png 32 1 0 2 17
}

# The planted scenes as a manifest, m.csv, whose boxes are measured from the image's left and top edge.
manifest() {
  local xml box name
  echo image,class,x1,y1,x2,y2
  for xml in "$PLANTED"/scenes/annotations/*.xml; do
    name=$(basename "$xml" .xml)
    read -ra box < <(grep -o '<[xy]m[a-z]*>[0-9]*' "$xml" | grep -o '[0-9]*$' | xargs)
    echo "$name.png,${name%_*},$((box[0] - 1)),$((box[1] - 1)),${box[2]},${box[3]}"
  done
}

# columns FILE.csv COLUMN,...: these columns of a table.
columns() { "$PYTHON" "$COMMON/table.py" columns "$@"; }

# values FILE.json KEY.KEY...: these values of an object, a line each.
values() { "$PYTHON" "$COMMON/table.py" values "$@"; }

# keys FILE.jsonl: the names of the first object's values.
keys() { "$PYTHON" "$COMMON/table.py" keys "$@"; }

# agree ONE.csv OTHER.csv TOLERANCE: fails unless the tables are the same but for numbers that differ by so much.
agree() { "$PYTHON" "$COMMON/table.py" agree "$@" || die "$1 and $2 differ"; }
