#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Images of formats that are read, and of others, which are named everywhere instead of being missing.
. "$LIB"
need PIL

take_scenes coat_000 coat_001 coat_002 coat_003 boot_000 boot_001
"$PYTHON" - <<'END'
from pathlib import Path
from PIL import Image

def save_as(name, ending, **options):
    path = Path(f"images/{name}.png")
    Image.open(path).convert("RGB").save(path.with_suffix(ending), **options)
    path.unlink()

save_as("coat_000", ".webp", lossless=True)
save_as("coat_001", ".BMP")
save_as("coat_002", ".jfif", format="JPEG")
save_as("coat_003", ".gif")
save_as("boot_000", ".tif")
Path("images/boot_001.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0")
Image.new("I;16", (64, 64), 40000).save("images/deep.png")
END
write_annotation deep 5 5 20 20
exits 5 checkrob check "${own[@]}" "${classes[@]}" --min-images 0
echo "== scores"
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out o > /dev/null
columns o/images.csv image,status,message
echo "== representations"
checkrob extract "${model[@]}" --images images --out a.npy --pool mean
cut -d, -f2 a.csv
echo "== a whole range"
checkrob score "${model[@]}" "${classes[@]}" "${own[@]}" --out p --gray-range scale > /dev/null
columns p/images.csv image,message | grep deep
