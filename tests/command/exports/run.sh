#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Exports of tools that people annotate with, of the same boxes: read as a manifest of these boxes is, or refused
# with the reason.
. "$LIB"

"$PYTHON" "$COMMON/exports.py" write "$PLANTED/scenes/images"
score() (
  cd "$1"
  read -ra options < options
  checkrob score "${model[@]}" "${classes[@]}" "${options[@]}" --out o
)
# like REFERENCE EXPORT...: the same scores.
like() {
  local reference=$1 export
  shift
  for export in "$@"; do
    score "$export" > /dev/null
    "$PYTHON" "$COMMON/exports.py" compare "$reference/o/images.csv" "$export/o/images.csv" || die "$export is read wrongly"
    echo "$export: as in the $reference"
  done
}
for name in reference reference_voc reference_turned reference_voc_turned; do score $name > /dev/null; done
columns reference/o/images.csv image,class,status
like reference cvat_coco cvat_yolo cvat_ultralytics cvat_ultralytics_tracks label_studio_coco label_studio_coco_windows \
  label_studio_yolo roboflow_coco roboflow_yolov8 labelimg_yolo fiftyone_coco ultralytics_detect ultralytics_segment \
  ultralytics_pose ultralytics_pose_names ultralytics_obb
like reference_voc cvat_voc label_studio_voc labelimg_voc
like reference_turned cvat_coco_turned
like reference_voc_turned cvat_voc_turned

echo "-- refused"
for refused in */refused; do
  name=${refused%/refused}
  if score "$name" > /dev/null 2> error; then die "$name is read"; fi
  echo "$name:"
  # What stops the run; else what fails each image, of which the first is enough.
  if [ -f "$name/o/images.csv" ]; then
    columns "$name/o/images.csv" image,message | sed -n 2p
  else
    cat error
  fi
done
