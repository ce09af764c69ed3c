// SPDX-License-Identifier: Apache-2.0
// Elements, numbers, names and verdicts: what the other scripts build on.
// The scripts of the page are one, in the order of CMakeLists.txt. All text from the data enters as text nodes or
// attributes, never as HTML.
"use strict";

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
  for (const child of children.flat(9))
    if (child !== null && child !== undefined && child !== false) element.append(child);
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
const plain = (name) => (name || "").replaceAll("_", " "); // a damaged file may lack names

const rowsOf = (table) =>
  table ? table.rows.map((row) => Object.fromEntries(table.columns.map((c, i) => [c[0], row[i]]))) : [];
const classes = rowsOf(data.classes);
const byIndex = new Map(classes.map((c) => [c.index, c]));
const columnInfo = new Map(data.classes.columns.map((c) => [c[0], { unit: c[1], text: c[2] }]));
const nameOf = (c) => c.title || data.names[c.index] || c.class || "";
const nameAt = (index) => (byIndex.has(index) ? nameOf(byIndex.get(index)) : data.names[index] || `output ${index}`);
const option = (name) => (data.options.find((o) => o[0] === name) || [])[1] || "";
const tables = Object.fromEntries(Object.entries(data.tables).map(([name, table]) => [name, rowsOf(table)]));
const ofClass = (table, index) => tables[table].filter((row) => row.index === index);
const kindOrder = { worst: 0, typical: 1, best: 2, missed: 3, feature: 4, pool: 5 };
const pictures = new Map();
for (const p of data.pictures) pictures.set(p.class, (pictures.get(p.class) || []).concat(p));
for (const list of pictures.values()) list.sort((a, b) => kindOrder[a.kind] - kindOrder[b.kind] || a.number - b.number);

// ---- verdicts: a word, a colour and a shape each ----

const verdicts = [
  {
    name: "non-robust",
    text: "not to be trusted: the class depends on what is off the object",
    shape: "M1 1L9 9M9 1L1 9",
    line: true,
  },
  { name: "doubtful", text: "do not trust it before you have tested it", shape: "M5 0.5L9.8 9.3H0.2Z" },
  { name: "not enough data", text: "too few images for a verdict", shape: "M0.5 4H9.5V6H0.5Z" },
  {
    name: "not suspicious",
    text: "the saliency found nothing against it, which does not mean robust",
    shape: "M5 1a4 4 0 1 0 .01 0Z",
    line: true,
  },
  {
    name: "no dependence found",
    text: "the probes found nothing off the object that it needs",
    shape: "M5 .4L9.6 5L5 9.6L.4 5Z",
  },
  { name: "robust", text: "it meets the threshold that the user set", shape: "M5 .5a4.5 4.5 0 1 0 .01 0Z" },
];
const verdictOf = (name) => verdicts.find((v) => v.name === name) || verdicts[2];
const slug = (name) => "v-" + verdictOf(name).name.replaceAll(" ", "-");
const mark = (verdict) => {
  const v = verdictOf(verdict);
  return s(
    "svg",
    { viewBox: "0 0 10 10", "aria-hidden": "true" },
    s("path", {
      d: v.shape,
      fill: v.line ? "none" : "currentColor",
      stroke: "currentColor",
      "stroke-width": v.line ? 2 : 0,
    }),
  );
};
const badge = (verdict) => h("span", { class: `verdict ${slug(verdict)}` }, mark(verdict), verdict);
const present = verdicts.filter((v) => classes.some((c) => c.verdict === v.name));

// What decides: the suspicion of probed classes, the robustness of the others.
const anyProbed = classes.some((c) => isNumber(c.suspicion_low));
const decidingOf = (c) => (isNumber(c.suspicion_low) ? "suspicion" : "robustness");
const thresholdsOf = (name) =>
  (name === "suspicion"
    ? [0, data.rule.suspicion]
    : name === "robustness"
      ? [data.rule.off_object, isNumber(data.rule.robust) ? data.rule.robust : 0]
      : []
  ).filter(isNumber);

// The reason's first clause says why; the numbers follow.
const reasonOf = (c) => {
  const [lead, ...rest] = (c.reason || "").split("; ");
  return [h("span", {}, lead), rest.length > 0 && h("span", { class: "numbers-of soft" }, rest.join("; "))];
};

// ---- tables ----

const region = (label, table) => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
// columns: {head, cell: row -> node or text, number}
const simpleTable = (label, columns, rows) =>
  region(
    label,
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map((c) => h("th", { scope: "col", class: c.number && "number", title: c.title }, c.head)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            columns.map((c) => h("td", { class: c.number && "number" }, c.cell(row) ?? "\u2013")),
          ),
        ),
      ),
    ),
  );
const share = (value) => [
  h("span", {}, percent(value)),
  h(
    "div",
    { class: "share", "aria-hidden": "true" },
    h("span", { style: `width:${Math.round(100 * Math.min(1, Math.max(0, value || 0)))}%` }),
  ),
];
const link = (index) => (byIndex.has(index) ? h("a", { href: `#class-${index}` }, nameAt(index)) : nameAt(index));
