// SPDX-License-Identifier: Apache-2.0
// Draws the report from the data in the page. All text from the data enters as text nodes or attributes, never as HTML.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("content");
  const tip = document.getElementById("tip");

  // ---- elements ----

  const SVG = "http://www.w3.org/2000/svg";
  const fill = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : String(value));
    }
    for (const child of children.flat(9)) if (child !== null && child !== undefined && child !== false) element.append(child);
    return element;
  };
  const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

  // ---- numbers and names ----

  const isNumber = (x) => typeof x === "number" && Number.isFinite(x);
  const fixed = (x, digits = 2) => (isNumber(x) ? x.toFixed(digits).replace("-", "\u2212") : "\u2013");
  const percent = (x) => (isNumber(x) ? `${(100 * x).toFixed(0)} %` : "\u2013");
  const signed = (x, digits = 3) => (isNumber(x) ? (x > 0 ? "+" : "") + fixed(x, digits) : "\u2013");
  const count = (n, one, many = one + "s") => `${n} ${n === 1 ? one : many}`;
  const plain = (name) => name.replaceAll("_", " ");

  const rowsOf = (table) => (table ? table.rows.map((row) => Object.fromEntries(table.columns.map((c, i) => [c[0], row[i]]))) : []);
  const classes = rowsOf(data.classes);
  const byIndex = new Map(classes.map((c) => [c.index, c]));
  const columnInfo = new Map(data.classes.columns.map((c) => [c[0], { unit: c[1], text: c[2] }]));
  const nameOf = (c) => c.title || data.names[c.index] || c.class || "";
  const nameAt = (index) => (byIndex.has(index) ? nameOf(byIndex.get(index)) : data.names[index] || `output ${index}`);
  const option = (name) => (data.options.find((o) => o[0] === name) || [])[1] || "";
  const tables = Object.fromEntries(Object.entries(data.tables).map(([name, table]) => [name, rowsOf(table)]));
  const ofClass = (table, index) => tables[table].filter((row) => row.index === index);
  const kindOrder = { worst: 0, typical: 1, best: 2, feature: 3, pool: 4 };
  const pictures = new Map();
  for (const p of data.pictures) pictures.set(p.class, (pictures.get(p.class) || []).concat(p));
  for (const list of pictures.values()) list.sort((a, b) => kindOrder[a.kind] - kindOrder[b.kind] || a.number - b.number);

  // ---- verdicts: a word, a colour and a shape each ----

  const verdicts = [
    { name: "non-robust", text: "not to be trusted: the class depends on what is off the object", shape: "M1 1L9 9M9 1L1 9", line: true },
    { name: "doubtful", text: "do not trust it before you have tested it", shape: "M5 0.5L9.8 9.3H0.2Z" },
    { name: "not enough data", text: "too few images for a verdict", shape: "M0.5 4H9.5V6H0.5Z" },
    { name: "not suspicious", text: "the saliency found nothing against it, which does not mean robust", shape: "M5 1a4 4 0 1 0 .01 0Z", line: true },
    { name: "no dependence found", text: "the probes found nothing off the object that it needs", shape: "M5 .4L9.6 5L5 9.6L.4 5Z" },
    { name: "robust", text: "it meets the threshold that the user set", shape: "M5 .5a4.5 4.5 0 1 0 .01 0Z" },
  ];
  const verdictOf = (name) => verdicts.find((v) => v.name === name) || verdicts[2];
  const slug = (name) => "v-" + verdictOf(name).name.replaceAll(" ", "-");
  const mark = (verdict) => {
    const v = verdictOf(verdict);
    return s("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, s("path", { d: v.shape, fill: v.line ? "none" : "currentColor", stroke: "currentColor", "stroke-width": v.line ? 2 : 0 }));
  };
  const badge = (verdict) => h("span", { class: `verdict ${slug(verdict)}` }, mark(verdict), verdict);
  const present = verdicts.filter((v) => classes.some((c) => c.verdict === v.name));

  // What decides: the suspicion of probed classes, the robustness of the others.
  const anyProbed = classes.some((c) => isNumber(c.suspicion_low));
  const decidingOf = (c) => (isNumber(c.suspicion_low) ? "suspicion" : "robustness");
  const thresholdsOf = (name) => (name === "suspicion" ? [0, data.rule.suspicion] : name === "robustness" ? [data.rule.off_object, isNumber(data.rule.robust) ? data.rule.robust : 0] : []).filter(isNumber);

  // The reason's first clause says why; the numbers follow.
  const reasonOf = (c) => {
    const [lead, ...rest] = (c.reason || "").split("; ");
    return [h("span", {}, lead), rest.length > 0 && h("span", { class: "numbers-of soft" }, rest.join("; "))];
  };

  // ---- the interval of a class as a bar ----

  const rangeOf = (name) => {
    const values = classes.flatMap((c) => [c[name + "_low"], c[name + "_high"], c[name]]).filter(isNumber).sort((a, b) => a - b);
    const at = (share) => values[Math.min(values.length - 1, Math.max(0, Math.round(share * (values.length - 1))))];
    const all = values.length ? [at(0.01), at(0.99), ...thresholdsOf(name)] : [0, 1];
    const low = Math.min(...all), high = Math.max(...all), margin = (high - low || 1) * 0.06;
    return [low - margin, high + margin];
  };
  const ranges = { robustness: rangeOf("robustness"), suspicion: rangeOf("suspicion") };

  const intervalText = (c, name) => {
    const low = c[name + "_low"], high = c[name + "_high"];
    return `${name} ${fixed(c[name])}` + (isNumber(low) && isNumber(high) ? `, interval ${fixed(low)} to ${fixed(high)}` : ", no interval");
  };
  const bar = (c, wide = 170) => {
    const name = decidingOf(c);
    if (!isNumber(c[name])) return h("span", { class: "soft" }, "\u2013");
    const [low, high] = ranges[name];
    const x = (value) => Math.min(wide - 2, Math.max(2, ((value - low) / (high - low)) * wide)).toFixed(1);
    const text = intervalText(c, name) + `; thresholds ${thresholdsOf(name).map((t) => fixed(t)).join(" and ")}`;
    return s("svg", { class: slug(c.verdict), role: "img", "aria-label": text, width: wide, height: 16, viewBox: `0 0 ${wide} 16` },
      s("title", {}, text),
      thresholdsOf(name).map((t) => s("line", { class: "bar-zone", x1: x(t), x2: x(t), y1: 0, y2: 16 })),
      isNumber(c[name + "_low"]) && isNumber(c[name + "_high"]) && s("line", { class: "bar-line", x1: x(c[name + "_low"]), x2: x(c[name + "_high"]), y1: 8, y2: 8 }),
      s("circle", { class: "bar-dot", cx: x(c[name]), cy: 8, r: 4 }));
  };

  // ---- photos with map and objects ----

  const colourMaps = {
    viridis: "440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725",
    cividis: "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 fee838",
    inferno: "000004 1f0c48 550f6d 88226a ba3655 e35933 f98c0a f9c932 fcffa4",
    magma: "000004 1d1147 51127c 832681 b73779 e75263 fc8961 fec488 fcfdbf",
    gray: "000000 202020 404040 606060 808080 9f9f9f bfbfbf dfdfdf ffffff",
  };
  const steps = Object.fromEntries(Object.entries(colourMaps).map(([name, text]) => [name, text.split(" ").map((c) => [0, 2, 4].map((i) => parseInt(c.slice(i, i + 2), 16)))]));
  const look = { strength: 0.65, colours: "inferno", objects: true };

  const cellsOf = (map) => Uint8Array.from(atob(map.d), (c) => c.charCodeAt(0));
  // Bilinear between the centres of cells, edges repeated: as checkrob explain draws it.
  const paint = (canvas, map) => {
    const side = 72, cells = cellsOf(map), context = canvas.getContext("2d");
    canvas.width = canvas.height = side;
    const image = context.createImageData(side, side), colours = steps[look.colours];
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const u = Math.min(Math.max(((x + 0.5) / side) * map.w - 0.5, 0), map.w - 1), v = Math.min(Math.max(((y + 0.5) / side) * map.h - 0.5, 0), map.h - 1);
        const left = Math.floor(u), top = Math.floor(v), right = Math.min(left + 1, map.w - 1), bottom = Math.min(top + 1, map.h - 1);
        const above = cells[top * map.w + left] * (1 - u + left) + cells[top * map.w + right] * (u - left);
        const below = cells[bottom * map.w + left] * (1 - u + left) + cells[bottom * map.w + right] * (u - left);
        const value = (above * (1 - v + top) + below * (v - top)) / 255, at = Math.min(value * 8, 7.999), step = Math.floor(at);
        const to = 4 * (y * side + x);
        for (let i = 0; i < 3; i++) image.data[to + i] = colours[step][i] + (colours[step + 1][i] - colours[step][i]) * (at - step);
        image.data[to + 3] = 255 * look.strength * Math.min(1, 0.12 + 1.1 * value);
      }
    context.putImageData(image, 0, 0);
  };

  const sourceOf = (p) => (p.webp ? "data:image/webp;base64," + p.webp : p.file.split("/").map(encodeURIComponent).join("/"));
  const altOf = (p, map) => `${p.image}, class ${nameAt(p.class)}` + (isNumber(p.rs) ? `: ${percent(map === p.map_before && map ? p.rs_before : p.rs)} of the saliency is on the object` : "");
  const photo = (p, map = p.map) => {
    if (p.problem) return h("div", { class: "gone" }, `${p.image}: ${p.problem}`);
    const [x, y, w, hh] = p.view, width = p.width, height = p.height;
    const canvas = map && h("canvas", { style: `left:${100 * x}%;top:${100 * y}%;width:${100 * w}%;height:${100 * hh}%`, "aria-hidden": "true" });
    if (canvas) paint(canvas, map), (canvas.repaint = () => paint(canvas, map));
    const inside = `M${x * width} ${y * height}h${w * width}v${hh * height}h${-w * width}Z`;
    const spot = p.at && [(x + p.at[0] * w) * width, (y + p.at[1] * hh) * height, Math.min(w * width, hh * height) / 6];
    return h("span", { class: "photo" },
      h("img", { src: sourceOf(p), alt: altOf(p, map), width, height, loading: "lazy", decoding: "async" }), canvas,
      s("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", preserveAspectRatio: "none" },
        s("path", { class: "outside", "fill-rule": "evenodd", d: `M0 0H${width}V${height}H0Z${inside}` }),
        s("g", { class: "objects", style: look.objects ? "" : "display:none" }, s("path", { class: "box-dark", d: p.outline }), s("path", { class: "box", d: p.outline })),
        spot && s("rect", { class: "spot", x: spot[0] - spot[2], y: spot[1] - spot[2], width: 2 * spot[2], height: 2 * spot[2] })));
  };

  const numbersOf = (p) => {
    const parts = [];
    if (isNumber(p.rs)) parts.push(`${percent(p.rs)} on the object (flat map ${percent(p.share)})`);
    if (isNumber(p.rs_before)) parts.push(`${percent(p.rs_before)} then`);
    if (isNumber(p.predicted)) parts.push(p.predicted === p.class ? `recognised, probability ${fixed(p.probability)}` : `taken for ${nameAt(p.predicted)}`);
    else if (isNumber(p.probability)) parts.push(`probability ${fixed(p.probability)}`);
    return parts.join(" \u00b7 ");
  };
  const kinds = { worst: "Worst", typical: "Typical", best: "Best" };
  const picture = (p) => h("li", {}, h("figure", {},
    kinds[p.kind] && h("div", { class: "kind" }, kinds[p.kind]),
    p.map_before && !p.problem ? h("div", { class: "two" }, h("div", {}, photo(p, p.map_before), h("small", {}, "then")), h("div", {}, photo(p), h("small", {}, "now"))) : photo(p),
    h("figcaption", {}, h("code", {}, p.image), h("br"), numbersOf(p))));
  const gallery = (list) => h("ul", { class: "pictures" }, list.map(picture));

  const controls = () => {
    const repaint = () => document.querySelectorAll(".photo canvas").forEach((c) => c.repaint());
    return h("div", { class: "filters" },
      h("label", {}, "Saliency map ", h("input", { type: "range", min: 0, max: 1, step: 0.05, value: look.strength, id: "strength", oninput: (e) => { look.strength = Number(e.target.value); repaint(); } })),
      h("label", {}, "Colours ", h("select", { id: "colours", onchange: (e) => { look.colours = e.target.value; repaint(); } }, Object.keys(colourMaps).map((name) => h("option", { value: name, selected: name === look.colours }, name)))),
      h("label", {}, h("input", { type: "checkbox", id: "objects", checked: look.objects, onchange: (e) => { look.objects = e.target.checked; document.querySelectorAll(".objects").forEach((g) => (g.style.display = look.objects ? "" : "none")); } }), " Objects"));
  };

  // ---- tables ----

  const region = (label, table) => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
  // columns: {head, cell: row -> node or text, number}
  const simpleTable = (label, columns, rows) => region(label, h("table", {},
    h("thead", {}, h("tr", {}, columns.map((c) => h("th", { scope: "col", class: c.number && "number", title: c.title }, c.head)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, columns.map((c) => h("td", { class: c.number && "number" }, c.cell(row))))))));
  const share = (value) => [h("span", {}, percent(value)), h("div", { class: "share", "aria-hidden": "true" }, h("span", { style: `width:${Math.round(100 * Math.min(1, Math.max(0, value || 0)))}%` }))];
  const link = (index) => (byIndex.has(index) ? h("a", { href: `#class-${index}` }, nameAt(index)) : nameAt(index));

  // ---- overview: which classes ----

  const worstOf = (c) => (pictures.get(c.index) || []).find((p) => !p.problem);
  const trustCards = () => {
    const bad = classes.filter((c) => c.verdict === "non-robust").concat(classes.filter((c) => c.verdict === "doubtful"));
    if (!bad.length) return h("p", {}, "No class is non-robust or doubtful. Read below what this report cannot tell.");
    return [
      h("p", {}, `${count(bad.length, "class", "classes")} of ${classes.length}. The reason is what speaks against the class; the photo has the least saliency on the object, among the images that were recognised if there are enough.`),
      h("ul", { class: "cards" }, bad.slice(0, 8).map((c) => {
        const p = worstOf(c);
        return h("li", { class: "card" }, badge(c.verdict), h("h3", {}, link(c.index)), h("p", {}, reasonOf(c)), p && h("a", { href: `#class-${c.index}`, "aria-label": `Images of ${nameOf(c)}` }, photo(p)));
      })),
      bad.length > 8 && h("p", {}, h("a", { href: "#classes" }, `${bad.length - 8} more are in the table of classes.`)),
    ];
  };

  const tiles = () => h("ul", { class: "tiles" }, present.map((v) => {
    const n = classes.filter((c) => c.verdict === v.name).length;
    return h("li", {}, h("button", { type: "button", title: v.text, onclick: () => { filter.hidden = new Set(verdicts.map((o) => o.name).filter((name) => name !== v.name)); location.hash = "#classes"; renderTable(); } }, h("b", {}, n), badge(v.name)));
  }));

  // ---- charts ----

  const showTip = (text, event) => {
    tip.textContent = text;
    tip.hidden = false;
    const box = event.currentTarget.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(box.left + scrollX + 12, scrollX + innerWidth - tip.offsetWidth - 16))}px`;
    tip.style.top = `${box.bottom + scrollY + 8}px`;
  };
  const hideTip = () => { tip.hidden = true; };

  const ticks = (low, high, most = 6) => {
    const raw = (high - low) / most, power = 10 ** Math.floor(Math.log10(raw)), unit = [1, 2, 5, 10].find((m) => m * power >= raw) * power;
    const list = [];
    for (let t = Math.ceil(low / unit) * unit; t <= high + 1e-9; t += unit) list.push(Math.round(t / unit) * unit);
    return list;
  };
  const tickText = (t) => String(Number(t.toFixed(6))).replace("-", "\u2212");

  const axisNames = { robustness: "robustness (nats): more is better", suspicion: "suspicion: less is better", crs: "CRS: share of the saliency on the object", ers: "ERS: excess over an object-blind map" };
  const scatter = (name) => {
    const W = 560, H = 380, L = 52, R = 14, T = 12, B = 46;
    const shown = classes.filter((c) => isNumber(c[name]) && isNumber(c.acc)).sort((a, b) => a[name] - b[name]);
    const all = shown.map((c) => c[name]).concat(thresholdsOf(name));
    let low = Math.min(...all, 0), high = Math.max(...all, name === "crs" ? 1 : 0);
    if (low === high) high = low + 1;
    const pad = (high - low) * 0.04;
    const X = (v) => L + ((v - low + pad) / (high - low + 2 * pad)) * (W - L - R), Y = (v) => T + (1 - v) * (H - T - B);
    const svg = s("svg", { id: "scatter", viewBox: `0 0 ${W} ${H}`, width: "100%", role: "group", "aria-label": `Accuracy against ${name}: ${count(shown.length, "class", "classes")}. Arrow keys move from class to class.` },
      [0, 0.25, 0.5, 0.75, 1].map((v) => [s("line", { class: "grid", x1: L, x2: W - R, y1: Y(v), y2: Y(v) }), s("text", { x: L - 6, y: Y(v) + 4, "text-anchor": "end" }, percent(v))]),
      ticks(low, high).map((v) => [s("line", { class: "axis", x1: X(v), x2: X(v), y1: H - B, y2: H - B + 5 }), s("text", { x: X(v), y: H - B + 18, "text-anchor": "middle" }, tickText(v))]),
      thresholdsOf(name).map((t) => s("line", { class: "threshold", x1: X(t), x2: X(t), y1: T, y2: H - B })),
      s("path", { class: "axis", d: `M${L} ${T}V${H - B}H${W - R}` }),
      s("text", { x: (L + W - R) / 2, y: H - 8, "text-anchor": "middle" }, axisNames[name]),
      s("text", { x: 12, y: (T + H - B) / 2, transform: `rotate(-90 12 ${(T + H - B) / 2})`, "text-anchor": "middle" }, `accuracy (top-${data.rule.top_k})`));
    const points = shown.map((c, i) => {
      const v = verdictOf(c.verdict), text = `${nameOf(c)}: ${c.verdict}, accuracy ${percent(c.acc)}, ${name} ${fixed(c[name])}, ${count(c.images, "image")}`;
      return s("a", { href: `#class-${c.index}`, class: slug(c.verdict), tabindex: i === 0 ? 0 : -1, "aria-label": text, onpointerenter: (e) => showTip(text, e), onpointerleave: hideTip, onfocus: (e) => showTip(text, e), onblur: hideTip },
        s("path", { class: "point", d: v.shape, transform: `translate(${X(c[name]) - 6} ${Y(c.acc) - 6}) scale(1.2)` }),
        s("circle", { cx: X(c[name]), cy: Y(c.acc), r: 8, fill: "transparent" }));
    });
    svg.append(...points);
    svg.addEventListener("keydown", (e) => {
      const at = points.indexOf(document.activeElement), step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -at, End: points.length - 1 - at }[e.key];
      if (at < 0 || step === undefined) return;
      e.preventDefault();
      const next = points[Math.min(points.length - 1, Math.max(0, at + step))];
      points[at].setAttribute("tabindex", -1);
      next.setAttribute("tabindex", 0);
      next.focus();
    });
    return svg;
  };

  const distribution = (name) => {
    const W = 560, H = 380, L = 46, R = 14, T = 12, B = 46, bins = 24;
    const shown = classes.filter((c) => isNumber(c[name]));
    const all = shown.map((c) => c[name]).concat(thresholdsOf(name));
    const low = Math.min(...all, 0), high = Math.max(...all, low + 1e-6, name === "crs" ? 1 : 0), width = (high - low) / bins;
    const table = Array.from({ length: bins }, () => present.map(() => 0));
    for (const c of shown) table[Math.min(bins - 1, Math.floor((c[name] - low) / width))][present.findIndex((v) => v.name === c.verdict)]++;
    const most = Math.max(1, ...table.map((b) => b.reduce((a, n) => a + n, 0)));
    const X = (v) => L + ((v - low) / (high - low)) * (W - L - R), Y = (n) => T + (1 - n / most) * (H - T - B);
    const parts = present.map((v, k) => `${shown.filter((c) => c.verdict === v.name).length} ${v.name}`).join(", ");
    return s("svg", { viewBox: `0 0 ${W} ${H}`, width: "100%", role: "img", "aria-label": `Distribution of the ${name} of ${count(shown.length, "class", "classes")}, from ${fixed(low)} to ${fixed(high)}: ${parts}.` },
      ticks(0, most, 4).filter((n) => Number.isInteger(n)).map((n) => [s("line", { class: "grid", x1: L, x2: W - R, y1: Y(n), y2: Y(n) }), s("text", { x: L - 6, y: Y(n) + 4, "text-anchor": "end" }, n)]),
      table.map((b, i) => { let sum = 0; return b.map((n, k) => { if (!n) return null; sum += n; return s("rect", { class: `point ${slug(present[k].name)}`, x: X(low + i * width) + 1, width: Math.max(1, X(low + (i + 1) * width) - X(low + i * width) - 2), y: Y(sum), height: Y(sum - n) - Y(sum) }); }); }),
      ticks(low, high).map((v) => s("text", { x: X(v), y: H - B + 18, "text-anchor": "middle" }, tickText(v))),
      thresholdsOf(name).map((t) => s("line", { class: "threshold", x1: X(t), x2: X(t), y1: T, y2: H - B })),
      s("path", { class: "axis", d: `M${L} ${T}V${H - B}H${W - R}` }),
      s("text", { x: (L + W - R) / 2, y: H - 8, "text-anchor": "middle" }, axisNames[name]));
  };

  const measures = (anyProbed ? ["suspicion", "robustness", "crs", "ers"] : ["robustness", "crs", "ers"]).filter((name) => classes.some((c) => isNumber(c[name])));
  const charts = () => {
    if (!measures.length) return null;
    const left = h("div"), right = h("div");
    const draw = (name) => { left.replaceChildren(scatter(name)); right.replaceChildren(distribution(name)); };
    draw(measures[0]);
    return [
      h("div", { class: "filters" }, h("label", {}, "Horizontal axis ", h("select", { id: "measure", onchange: (e) => draw(e.target.value) }, measures.map((name) => h("option", { value: name }, name)))), h("span", {}, present.map((v) => [badge(v.name), " \u00a0 "]))),
      h("div", { class: "charts" }, h("figure", {}, left, h("figcaption", {}, "Each class by its accuracy. Dashed lines are the thresholds of the verdicts. A class on the upper bad side is recognised well, but not by its object.")), h("figure", {}, right, h("figcaption", {}, "How many classes have which value."))),
    ];
  };

  // ---- the table of classes ----

  const filter = { hidden: new Set(), text: "", key: "rank", down: false };
  const verdictRank = (c) => verdicts.findIndex((v) => v.name === c.verdict);
  const sorts = {
    rank: (c, i) => i,
    verdict: (c, i) => verdictRank(c) * 1e6 + i,
    name: (c) => nameOf(c).toLowerCase(),
    images: (c) => c.images,
    acc: (c) => c.acc,
    crs: (c) => c.crs,
    deciding: (c) => (anyProbed ? c.suspicion : c.robustness),
  };
  const heads = [["verdict", "Verdict"], ["name", "Class"], ["images", "Images", true], ["acc", "Accuracy", true], ["crs", "CRS", true], ["deciding", anyProbed ? "Suspicion or robustness" : "Robustness"], [null, "Reason"]];

  const shownClasses = () => {
    const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = classes.map((c, i) => ({ c, key: sorts[filter.key](c, i), i }))
      .filter(({ c }) => !filter.hidden.has(c.verdict) && words.every((word) => `${nameOf(c)} ${c.class} ${c.index} ${c.reason} ${c.looked_at || ""}`.toLowerCase().includes(word)));
    const missing = (k) => k === null || k === undefined;
    rows.sort((a, b) => missing(a.key) - missing(b.key) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (filter.down ? -1 : 1) || a.i - b.i);
    return rows.map((r) => r.c);
  };
  const madeRows = new Map(); // a row is made once, and moved
  const classRow = (c) => { if (!madeRows.has(c)) madeRows.set(c, makeRow(c)); return madeRows.get(c); };
  const makeRow = (c) => h("tr", {}, h("td", {}, badge(c.verdict)), h("td", {}, h("a", { href: `#class-${c.index}` }, nameOf(c)), nameOf(c) !== c.class ? h("div", { class: "soft" }, h("code", {}, c.class)) : null),
    h("td", { class: "number" }, c.images, c.failed ? h("div", { class: "soft" }, `${c.failed} failed`) : null), h("td", { class: "number" }, percent(c.acc)), h("td", { class: "number" }, fixed(c.crs)), h("td", {}, bar(c)), h("td", {}, reasonOf(c)));
  const renderTable = () => {
    const body = document.querySelector("#class-table tbody");
    if (!body) return;
    const rows = shownClasses();
    body.replaceChildren(...rows.map(classRow));
    document.getElementById("shown").textContent = `${rows.length} of ${count(classes.length, "class", "classes")}`;
    document.querySelectorAll("#class-table th").forEach((th) => {
      if (!th.dataset.key) return;
      if (th.dataset.key === filter.key) th.setAttribute("aria-sort", filter.down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    });
    document.querySelectorAll("[data-verdict]").forEach((b) => b.setAttribute("aria-pressed", !filter.hidden.has(b.dataset.verdict)));
  };
  const classTable = () => [
    h("div", { class: "filters" },
      h("label", {}, "Search ", h("input", { type: "search", id: "search", placeholder: "name, id, reason", value: filter.text, oninput: (e) => { filter.text = e.target.value; renderTable(); } })),
      h("span", { role: "group", "aria-label": "Verdicts that are shown" }, present.map((v) => [h("button", { type: "button", "data-verdict": v.name, "aria-pressed": "true", title: v.text, onclick: () => { filter.hidden.has(v.name) ? filter.hidden.delete(v.name) : filter.hidden.add(v.name); renderTable(); } }, badge(v.name)), " "])),
      h("button", { type: "button", id: "all", onclick: () => { filter.hidden.clear(); filter.text = ""; document.getElementById("search").value = ""; renderTable(); } }, "Show all"),
      h("span", { id: "shown", role: "status" })),
    region("Table of classes", h("table", { id: "class-table" },
      h("thead", {}, h("tr", {}, heads.map(([key, text, number]) => h("th", { scope: "col", class: number && "number", "data-key": key }, key ? h("button", { type: "button", onclick: () => { filter.down = filter.key === key ? !filter.down : false; filter.key = key; renderTable(); } }, text) : text)))),
      h("tbody"))),
  ];

  // ---- the rest of the overview ----

  const failures = () => {
    const failed = data.totals.failed || 0;
    if (!failed) return h("p", {}, `All ${count(data.totals.samples, "sample")} could be evaluated.`);
    return [h("p", {}, `${failed} of ${count(data.totals.samples, "sample")} could not be evaluated.` + (data.failures.length < failed ? ` The first ${data.failures.length}:` : "")),
      h("details", { open: failed <= 10 }, h("summary", {}, "Which, and why"), simpleTable("Failures", [{ head: "Image", cell: (r) => h("code", {}, r[0]) }, { head: "Class", cell: (r) => r[1] }, { head: "Status", cell: (r) => r[2] }, { head: "Message", cell: (r) => r[3] }], data.failures))];
  };

  const significant = (r) => isNumber(r.rs_change) && isNumber(r.rs_change_error) && Math.abs(r.rs_change) > 2 * r.rs_change_error && r.rs_change_error > 0;
  const comparison = rowsOf(data.comparison);
  const arrow = (a, b) => (a === b ? badge(a || "not enough data") : [a ? badge(a) : "no such class", " \u2192 ", b ? badge(b) : "no such class"]);
  const compared = () => {
    if (!data.comparison) return null;
    const worse = comparison.filter((r) => significant(r) && r.rs_change < 0).length, better = comparison.filter((r) => significant(r) && r.rs_change > 0).length;
    const other = comparison.filter((r) => r.verdict_before !== r.verdict_after).length;
    const before = new Map(data.options_before), now = new Map(data.options);
    const differing = [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name));
    const order = comparison.slice().sort((a, b) => (a.verdict_before === a.verdict_after) - (b.verdict_before === b.verdict_after) || significant(b) - significant(a) || Math.abs(b.rs_change || 0) - Math.abs(a.rs_change || 0));
    return h("section", { "aria-labelledby": "compared" }, h("h2", { id: "compared" }, "What changed between the two runs"),
      h("p", {}, `The share of the saliency on the object rose by more than twice the standard error in ${count(better, "class", "classes")}, and fell in ${worse}; about one in twenty would by chance. ${count(other, "class has", "classes have")} another verdict.`),
      differing.length ? h("details", {}, h("summary", {}, `${count(differing.length, "option")} differ`), simpleTable("Options that differ", [{ head: "Option", cell: (n) => h("code", {}, n) }, { head: "Then", cell: (n) => before.get(n) || "not set" }, { head: "Now", cell: (n) => now.get(n) || "not set" }], differing)) : h("p", {}, "All options are the same."),
      simpleTable("Comparison", [
        { head: "Class", cell: (r) => (byIndex.has(r.index) ? link(r.index) : r.class) }, { head: "Verdict", cell: (r) => arrow(r.verdict_before, r.verdict_after) },
        { head: "Accuracy then", number: true, cell: (r) => percent(r.acc_before) }, { head: "now", number: true, cell: (r) => percent(r.acc_after) },
        { head: "CRS then", number: true, cell: (r) => fixed(r.crs_before, 3) }, { head: "now", number: true, cell: (r) => fixed(r.crs_after, 3) },
        { head: "Change of the same images", number: true, cell: (r) => (isNumber(r.rs_change) ? `${signed(r.rs_change)} \u00b1 ${fixed(r.rs_change_error, 3)}` : "\u2013") }, { head: "More than chance", cell: (r) => (significant(r) ? "yes" : "no") }], order));
  };

  const runTable = () => {
    const rows = data.options.filter(([, value]) => value !== "");
    return [h("p", {}, `checkrob ${data.checkrob}. ${count(data.totals.evaluated || 0, "sample")} evaluated of ${data.totals.samples || 0}. This repeats the run: `, h("code", {}, "checkrob score --spec summary.json --out again"), "."),
      h("details", { open: true }, h("summary", {}, "Options"), simpleTable("Options", [{ head: "Option", cell: (r) => h("code", {}, r[0]) }, { head: "Value", cell: (r) => h("code", {}, r[1]) }], rows))];
  };

  const baseName = (path) => path.split("/").filter(Boolean).pop() || "";
  const overview = () => {
    const model = baseName(option("model"));
    main.replaceChildren(...[
      h("h1", {}, model ? `What ${model} looks at` : "What the model looks at"),
      h("p", { class: "soft" }, `${count(classes.length, "class", "classes")}, ${count(data.totals.evaluated || 0, "image")} evaluated; method ${option("method")}` + (option("probe") && option("probe") !== "none" ? `, probes ${option("probe")}` : "") + (data.complete ? "" : ". The results are not complete")),
      h("section", { "aria-labelledby": "trust" }, h("h2", { id: "trust" }, "Which classes not to trust, and why"), trustCards()),
      h("section", { "aria-labelledby": "overview" }, h("h2", { id: "overview" }, "Overview"), tiles(), charts()),
      compared(),
      h("section", { "aria-labelledby": "classes" }, h("h2", { id: "classes" }, "Classes"), classTable()),
      h("section", { "aria-labelledby": "limits" }, h("h2", { id: "limits" }, "What this report cannot tell"), h("ul", {}, data.notes.map((note) => h("li", {}, note))), h("h3", {}, "Failures"), failures()),
      h("section", { "aria-labelledby": "run" }, h("h2", { id: "run" }, "The run"), runTable()),
    ].filter(Boolean));
    renderTable();
  };

  // ---- a class ----

  const probes = [
    ["recognised_object_only", "by the object alone"], ["recognised_context_only", "by what is off the object alone"], ["recognised_context_filled", "the same, the object filled from around"],
    ["recognised_transplanted", "with another class's object in its place"], ["recognised_without_hot_spot", "without the hot spot off the object"], ["recognised_without_object_spot", "without the hot spot on the object"],
    ["recognised_without_colour", "without colour off the object"], ["recognised_blurred", "with everything off the object blurred"], ["recognised_slightly_blurred", "with everything off the object slightly blurred"], ["recognised_patched", "with a gray patch of the object's shape elsewhere"]];
  const sectionOf = (title, ...children) => (children.flat(9).some(Boolean) ? h("section", {}, h("h2", {}, title), children) : null);

  const confusions = (c) => {
    const from = data.confusions.filter((r) => r[0] === c.index).slice(0, 8), into = data.confusions.filter((r) => r[1] === c.index).sort((a, b) => b[2] - a[2]).slice(0, 8);
    const list = (title, rows, at) => rows.length > 0 && [h("h3", {}, title), h("ul", {}, rows.map((r) => h("li", {}, link(r[at]), `: ${count(r[2], "image")}`)))];
    return [list("Taken for", from, 1), list("Others that are taken for it", into, 0)];
  };
  const looked = (c) => {
    const rows = ofClass("looked_at", c.index).sort((a, b) => b.share - b.expected - a.share + a.expected);
    return rows.length > 0 && simpleTable("What else is looked at", [{ head: "What", cell: (r) => (r.kind === "class" ? ["the class ", isNumber(r.other_index) ? link(r.other_index) : r.name] : r.name) }, { head: "Images", number: true, cell: (r) => r.images }, { head: "Share of the saliency", cell: (r) => share(r.share) }, { head: "Expected", number: true, cell: (r) => percent(r.expected) }], rows);
  };
  const probed = (c) => {
    const rows = probes.filter(([name]) => isNumber(c[name]));
    return rows.length > 0 && [h("p", {}, `Share of ${count(c.recognised, "recognised image")} in which the class is still recognised:`), simpleTable("Probes", [{ head: "Probe", cell: (r) => r[1] }, { head: "Still recognised", cell: (r) => share(c[r[0]]) }], rows)];
  };
  const features = (c, own) => {
    const rows = ofClass("feature", c.index).filter((r) => r.spurious === 1 || r.kind === "together");
    if (!rows.some((r) => r.spurious === 1)) return null;
    return [simpleTable("Spurious features", [{ head: "Feature", cell: (r) => (r.kind === "together" ? "the two strongest" : `${r.feature}: ${r.kind}`) }, { head: "Place", cell: (r) => r.place || "" }, { head: "On the object", number: true, cell: (r) => percent(r.on_object) },
      { head: "Surroundings alone recognised", number: true, cell: (r) => percent(r.surroundings_recognised) }, { head: "the same without it", number: true, cell: (r) => percent(r.surroundings_recognised_without) }], rows),
      own.filter((p) => p.kind === "feature").length > 0 && [h("p", {}, "The yellow square marks where the feature contributes most off the object."), gallery(own.filter((p) => p.kind === "feature"))]];
  };
  const pool = (c, own) => {
    const rows = ofClass("pool", c.index);
    return rows.length > 0 && [h("p", {}, "Images of the pool that are taken for this class by one of its spurious features, without showing it as far as annotations say."), gallery(own.filter((p) => p.kind === "pool")), simpleTable("Pool images", [{ head: "Image", cell: (r) => h("code", {}, r.image) }, { head: "Feature", number: true, cell: (r) => r.feature }, { head: "Probability", number: true, cell: (r) => fixed(r.probability) }, { head: "without the feature", number: true, cell: (r) => fixed(r.probability_without) }], rows)];
  };
  const adviceKinds = { elsewhere: "add images of the class in the surroundings of", others: "add images in the class's surroundings, with its cue, of", drop: "drop its images that are recognised without the object" };
  const advice = (c) => {
    const rows = ofClass("advice", c.index);
    return rows.length > 0 && simpleTable("Advice", [{ head: "What to do", cell: (r) => `${adviceKinds[r.kind] || r.kind} ${r.with || ""}` }, { head: "Images", number: true, cell: (r) => r.images }, { head: "Outcome of a fitted layer", cell: (r) => r.outcome }, { head: "Found elsewhere", number: true, cell: (r) => `${percent(r.found)} \u2192 ${percent(r.found_with)}` }, { head: "Fooled", number: true, cell: (r) => `${percent(r.fooled)} \u2192 ${percent(r.fooled_with)}` }], rows);
  };
  const others = (c) => {
    const pasted = ofClass("pasted", c.index).sort((a, b) => b.share - a.share), cues = ofClass("cue", c.index), twins = ofClass("duplicate", c.index);
    return [
      pasted.length > 0 && [h("h3", {}, "Seen in its surroundings although they show another object"), simpleTable("Objects in its surroundings", [{ head: "Object of", cell: (r) => link(r.object_index) }, { head: "Images", number: true, cell: (r) => r.images }, { head: "Still recognised", cell: (r) => share(r.share) }], pasted)],
      cues.length > 0 && [h("h3", {}, "What in the data predicts the class"), simpleTable("Cues of the data", [{ head: "Cue", cell: (r) => `${plain(r.kind)}: ${plain(r.name)}` }, { head: "In the class", number: true, cell: (r) => fixed(r.inside) }, { head: "elsewhere", number: true, cell: (r) => fixed(r.outside) }, { head: "AUC", number: true, cell: (r) => fixed(r.auc) }, { head: "The model follows it", cell: (r) => (r.followed === 1 ? "yes" : "not shown") }], cues)],
      twins.length > 0 && [h("h3", {}, "Images with almost the same surroundings"), simpleTable("Duplicates", [{ head: "Group", number: true, cell: (r) => r.group }, { head: "Image", cell: (r) => h("code", {}, r.image) }, { head: "Similarity", number: true, cell: (r) => fixed(r.similarity, 3) }], twins)]];
  };
  const before = (c) => {
    const r = comparison.find((row) => row.index === c.index);
    return r && h("p", {}, "The other run: ", arrow(r.verdict_before, r.verdict_after), `, accuracy ${percent(r.acc_before)} \u2192 ${percent(r.acc_after)}, CRS ${fixed(r.crs_before, 3)} \u2192 ${fixed(r.crs_after, 3)}, change of the same images ${signed(r.rs_change)} \u00b1 ${fixed(r.rs_change_error, 3)}: ${significant(r) ? "more than chance" : "perhaps chance"}.`);
  };
  const allNumbers = (c) => h("details", {}, h("summary", {}, "All numbers"), simpleTable("All numbers", [{ head: "Column", cell: (r) => h("code", {}, r[0]) }, { head: "Value", number: true, cell: (r) => (isNumber(r[1]) && !Number.isInteger(r[1]) ? fixed(r[1], 4) : r[1]) }, { head: "Unit", cell: (r) => columnInfo.get(r[0]).unit }, { head: "Meaning", cell: (r) => columnInfo.get(r[0]).text }],
    Object.entries(c).filter(([, value]) => value !== null && value !== "")));
  const where = (own) => {
    const folders = option("images");
    return [folders && h("p", {}, "Images folder of the run: ", h("code", {}, folders)), own.length > 0 && h("ul", {}, [...new Set(own.map((p) => p.image))].map((image) => h("li", {}, h("code", {}, image))))];
  };
  const number = (title, value, text) => h("div", { title: text }, h("dt", {}, title), h("dd", {}, value));

  const classPage = (c) => {
    const own = pictures.get(c.index) || [], order = shownClasses(), at = order.indexOf(c);
    const go = (other, text) => other && h("a", { href: `#class-${other.index}` }, `${text}: ${nameOf(other)}`);
    const samples = own.filter((p) => kinds[p.kind]);
    const about = (name) => (columnInfo.get(name) || {}).text;
    main.replaceChildren(...[
      h("p", { class: "move" }, h("a", { href: "#classes", id: "back" }, "\u2190 All classes"), go(order[at - 1], "previous"), at >= 0 && go(order[at + 1], "next")),
      h("h1", { tabindex: -1 }, nameOf(c)),
      h("p", {}, badge(c.verdict), " ", verdictOf(c.verdict).text, "."),
      h("p", {}, h("strong", {}, "Why: "), c.reason, data.reasons[c.reason_code] ? h("span", { class: "soft" }, ` (${data.reasons[c.reason_code].replaceAll("`", "")})`) : null),
      before(c),
      isNumber(c[decidingOf(c)]) && h("p", {}, bar(c, 420)),
      h("dl", { class: "numbers" }, number("Class", [h("code", {}, c.class), `, output ${c.index}`], about("class")), number("Images", `${c.images} evaluated, ${c.recognised ?? "\u2013"} recognised, ${c.failed} failed`, about("images")), number(`Accuracy, top-${data.rule.top_k}`, percent(c.acc), about("acc")),
        number("CRS: saliency on the object", `${fixed(c.crs, 3)} (${fixed(c.crs_low, 3)} to ${fixed(c.crs_high, 3)})`, about("crs")), number("A flat map scores", fixed(c.area, 3), about("area")), number("ERS: excess over a blind map", fixed(c.ers, 3), about("ers")),
        number("Robustness", intervalText(c, "robustness").replace("robustness ", ""), about("robustness")), isNumber(c.suspicion) && number("Suspicion", intervalText(c, "suspicion").replace("suspicion ", ""), about("suspicion"))),
      c.looked_at && h("p", {}, h("strong", {}, "Also looked at: "), c.looked_at),
      c.features && h("p", {}, h("strong", {}, "Feature: "), c.features),
      samples.length > 0 ? h("section", {}, h("h2", {}, "Images"), h("p", { class: "soft" }, "Worst: the least saliency on the object, among the images that were recognised where there are enough."), controls(), gallery(samples)) : h("p", { class: "soft" }, "This report has no pictures of the class."),
      sectionOf("Confused with", confusions(c)), sectionOf("What else was looked at", looked(c)), sectionOf("Probes", probed(c)), sectionOf("Spurious features", features(c, own)), sectionOf("Pool images", pool(c, own)), sectionOf("Advice for the training data", advice(c)), sectionOf("The data", others(c)),
      sectionOf("Where the images are", where(own)), allNumbers(c),
    ].filter(Boolean));
  };

  // ---- moving around ----

  const route = (event) => {
    hideTip();
    const match = /^#class-(\d+)$/.exec(location.hash), c = match && byIndex.get(Number(match[1]));
    if (c) {
      classPage(c);
      document.title = `${nameOf(c)} \u2013 checkrob report`;
      scrollTo(0, 0);
      if (event) main.querySelector("h1").focus({ preventScroll: true });
      return;
    }
    if (!document.getElementById("class-table")) overview();
    document.title = "checkrob report";
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target) target.scrollIntoView();
    else scrollTo(0, 0);
    if (event) (target || main).setAttribute("tabindex", -1), (target || main).focus({ preventScroll: true });
  };
  addEventListener("hashchange", route);
  addEventListener("keydown", (e) => {
    if (e.key === "Escape" && document.getElementById("back")) location.hash = "#classes";
    if (e.key === "Escape") hideTip();
  });

  // ---- theme ----

  const system = matchMedia("(prefers-color-scheme: dark)"), theme = document.getElementById("theme");
  const store = (value) => { try { if (value !== undefined) localStorage.setItem("checkrob-theme", value); return localStorage.getItem("checkrob-theme"); } catch { return null; } };
  const setTheme = () => { document.documentElement.dataset.theme = theme.value === "auto" ? (system.matches ? "dark" : "light") : theme.value; };
  theme.value = store() || "auto";
  if (!theme.value) theme.value = "auto";
  theme.addEventListener("change", () => { store(theme.value); setTheme(); });
  system.addEventListener("change", setTheme);
  setTheme();
  route();
})();
