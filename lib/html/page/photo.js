// SPDX-License-Identifier: Apache-2.0
// Photos with the saliency map and the objects over them.

const colourMaps = {
  viridis: "440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725",
  cividis: "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 fee838",
  inferno: "000004 1f0c48 550f6d 88226a ba3655 e35933 f98c0a f9c932 fcffa4",
  magma: "000004 1d1147 51127c 832681 b73779 e75263 fc8961 fec488 fcfdbf",
  gray: "000000 202020 404040 606060 808080 9f9f9f bfbfbf dfdfdf ffffff",
};
const steps = Object.fromEntries(
  Object.entries(colourMaps).map(([name, text]) => [
    name,
    text.split(" ").map((c) => [0, 2, 4].map((i) => parseInt(c.slice(i, i + 2), 16))),
  ]),
);
const look = { strength: 0.65, colours: "inferno", objects: true };

const cellsOf = (map) => Uint8Array.from(atob(map.d), (c) => c.charCodeAt(0));
// Bilinear between the centres of cells, edges repeated: as checkrob explain draws it.
const paint = (canvas, map) => {
  const side = 72,
    cells = cellsOf(map),
    context = canvas.getContext("2d");
  canvas.width = canvas.height = side;
  const image = context.createImageData(side, side),
    colours = steps[look.colours];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const u = Math.min(Math.max(((x + 0.5) / side) * map.w - 0.5, 0), map.w - 1),
        v = Math.min(Math.max(((y + 0.5) / side) * map.h - 0.5, 0), map.h - 1);
      const left = Math.floor(u),
        top = Math.floor(v),
        right = Math.min(left + 1, map.w - 1),
        bottom = Math.min(top + 1, map.h - 1);
      const above = cells[top * map.w + left] * (1 - u + left) + cells[top * map.w + right] * (u - left);
      const below = cells[bottom * map.w + left] * (1 - u + left) + cells[bottom * map.w + right] * (u - left);
      const value = (above * (1 - v + top) + below * (v - top)) / 255,
        at = Math.min(value * 8, 7.999),
        step = Math.floor(at);
      const to = 4 * (y * side + x);
      for (let i = 0; i < 3; i++)
        image.data[to + i] = colours[step][i] + (colours[step + 1][i] - colours[step][i]) * (at - step);
      image.data[to + 3] = 255 * look.strength * Math.min(1, 0.12 + 1.1 * value);
    }
  context.putImageData(image, 0, 0);
};

const sourceOf = (p) => (p.webp ? "data:image/webp;base64," + p.webp : p.file);
const altOf = (p, map) =>
  `${p.image}, class ${nameAt(p.class)}` +
  (isNumber(p.rs)
    ? `: ${percent(map === p.map_before && map ? p.rs_before : p.rs)} of the saliency is on the object`
    : "");
const photo = (p, map = p.map) => {
  if (p.problem) return h("div", { class: "gone" }, `${p.image}: ${p.problem}`);
  const [x, y, w, hh] = p.view,
    width = p.width,
    height = p.height;
  const canvas =
    map &&
    h("canvas", {
      style: `left:${100 * x}%;top:${100 * y}%;width:${100 * w}%;height:${100 * hh}%`,
      "aria-hidden": "true",
    });
  if (canvas) (paint(canvas, map), (canvas.repaint = () => paint(canvas, map)));
  const inside = `M${x * width} ${y * height}h${w * width}v${hh * height}h${-w * width}Z`;
  const spot = p.at && [(x + p.at[0] * w) * width, (y + p.at[1] * hh) * height, Math.min(w * width, hh * height) / 6];
  return h(
    "span",
    { class: "photo" },
    h("img", { src: sourceOf(p), alt: altOf(p, map), width, height, loading: "lazy", decoding: "async" }),
    canvas,
    s(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", preserveAspectRatio: "none" },
      s("path", { class: "outside", "fill-rule": "evenodd", d: `M0 0H${width}V${height}H0Z${inside}` }),
      s(
        "g",
        { class: "objects", style: look.objects ? "" : "display:none" },
        s("path", { class: "box-dark", d: p.outline }),
        s("path", { class: "box", d: p.outline }),
      ),
      spot &&
        s("rect", {
          class: "spot",
          x: spot[0] - spot[2],
          y: spot[1] - spot[2],
          width: 2 * spot[2],
          height: 2 * spot[2],
        }),
    ),
  );
};

const numbersOf = (p) => {
  const parts = [];
  if (isNumber(p.rs)) parts.push(`${percent(p.rs)} on the object (flat map ${percent(p.share)})`);
  if (isNumber(p.rs_before)) parts.push(`${percent(p.rs_before)} then`);
  if (isNumber(p.predicted))
    parts.push(
      p.predicted === p.class ? `recognised, probability ${fixed(p.probability)}` : `taken for ${nameAt(p.predicted)}`,
    );
  else if (isNumber(p.probability)) parts.push(`probability ${fixed(p.probability)}`);
  return parts.join(" \u00b7 ");
};
const kinds = { worst: "Worst", typical: "Typical", best: "Best", missed: "Not recognised" };
const picture = (p) =>
  h(
    "li",
    {},
    h(
      "figure",
      {},
      kinds[p.kind] && h("div", { class: "kind" }, kinds[p.kind]),
      p.map_before && !p.problem
        ? h(
            "div",
            { class: "two" },
            h("div", {}, photo(p, p.map_before), h("small", {}, "then")),
            h("div", {}, photo(p), h("small", {}, "now")),
          )
        : photo(p),
      h("figcaption", {}, h("code", {}, p.image), h("br"), numbersOf(p)),
    ),
  );
const gallery = (list) => h("ul", { class: "pictures" }, list.map(picture));

const controls = () => {
  const repaint = () => document.querySelectorAll(".photo canvas").forEach((c) => c.repaint());
  return h(
    "div",
    { class: "filters" },
    h(
      "label",
      {},
      "Saliency map ",
      h("input", {
        type: "range",
        min: 0,
        max: 1,
        step: 0.05,
        value: look.strength,
        id: "strength",
        oninput: (e) => {
          look.strength = Number(e.target.value);
          repaint();
        },
      }),
    ),
    h(
      "label",
      {},
      "Colours ",
      h(
        "select",
        {
          id: "colours",
          onchange: (e) => {
            look.colours = e.target.value;
            repaint();
          },
        },
        Object.keys(colourMaps).map((name) => h("option", { value: name, selected: name === look.colours }, name)),
      ),
    ),
    h(
      "label",
      {},
      h("input", {
        type: "checkbox",
        id: "objects",
        checked: look.objects,
        onchange: (e) => {
          look.objects = e.target.checked;
          document.querySelectorAll(".objects").forEach((g) => (g.style.display = look.objects ? "" : "none"));
        },
      }),
      " Objects",
    ),
  );
};
