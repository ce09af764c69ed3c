// SPDX-License-Identifier: Apache-2.0
// Intervals as bars, the scatter and the distribution.

// ---- the interval of a class as a bar ----

const rangeOf = (name) => {
  const values = classes
    .flatMap((c) => [c[name + "_low"], c[name + "_high"], c[name]])
    .filter(isNumber)
    .sort((a, b) => a - b);
  const at = (share) => values[Math.min(values.length - 1, Math.max(0, Math.round(share * (values.length - 1))))];
  const all = values.length ? [at(0.01), at(0.99), ...thresholdsOf(name)] : [0, 1];
  const low = Math.min(...all),
    high = Math.max(...all),
    margin = (high - low || 1) * 0.06;
  return [low - margin, high + margin];
};
const ranges = { robustness: rangeOf("robustness"), suspicion: rangeOf("suspicion") };

const intervalText = (c, name) => {
  const low = c[name + "_low"],
    high = c[name + "_high"];
  return (
    `${name} ${fixed(c[name])}` +
    (isNumber(low) && isNumber(high) ? `, interval ${fixed(low)} to ${fixed(high)}` : ", no interval")
  );
};
const bar = (c, wide = 170) => {
  const name = decidingOf(c);
  if (!isNumber(c[name])) return h("span", { class: "soft" }, "\u2013");
  const [low, high] = ranges[name];
  const x = (value) => Math.min(wide - 2, Math.max(2, ((value - low) / (high - low)) * wide)).toFixed(1);
  const text =
    intervalText(c, name) +
    `; thresholds ${thresholdsOf(name)
      .map((t) => fixed(t))
      .join(" and ")}`;
  return s(
    "svg",
    { class: slug(c.verdict), role: "img", "aria-label": text, width: wide, height: 16, viewBox: `0 0 ${wide} 16` },
    s("title", {}, text),
    thresholdsOf(name).map((t) => s("line", { class: "bar-zone", x1: x(t), x2: x(t), y1: 0, y2: 16 })),
    isNumber(c[name + "_low"]) &&
      isNumber(c[name + "_high"]) &&
      s("line", { class: "bar-line", x1: x(c[name + "_low"]), x2: x(c[name + "_high"]), y1: 8, y2: 8 }),
    s("circle", { class: "bar-dot", cx: x(c[name]), cy: 8, r: 4 }),
  );
};

// ---- charts ----

const showTip = (text, event) => {
  tip.textContent = text;
  tip.hidden = false;
  const box = event.currentTarget.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(box.left + scrollX + 12, scrollX + innerWidth - tip.offsetWidth - 16))}px`;
  tip.style.top = `${box.bottom + scrollY + 8}px`;
};
const hideTip = () => {
  tip.hidden = true;
};

const ticks = (low, high, most = 6) => {
  const raw = (high - low) / most,
    power = 10 ** Math.floor(Math.log10(raw)),
    unit = [1, 2, 5, 10].find((m) => m * power >= raw) * power;
  const list = [];
  for (let t = Math.ceil(low / unit) * unit; t <= high + 1e-9; t += unit) list.push(Math.round(t / unit) * unit);
  return list;
};
const tickText = (t) => String(Number(t.toFixed(6))).replace("-", "\u2212");

const axisNames = {
  robustness: "robustness (nats): more is better",
  suspicion: "suspicion: less is better",
  crs: "CRS: share of the saliency on the object",
  ers: "ERS: excess over an object-blind map",
};
// Both charts have this size, lines across at values of the vertical axis, and the same horizontal axis.
const [W, H, L, R, T, B] = [560, 380, 52, 14, 12, 46];
const lineAcross = (y, text) => [
  s("line", { class: "grid", x1: L, x2: W - R, y1: y, y2: y }),
  s("text", { x: L - 6, y: y + 4, "text-anchor": "end" }, text),
];
const axes = (name, X, low, high) => [
  ticks(low, high).map((v) => [
    s("line", { class: "axis", x1: X(v), x2: X(v), y1: H - B, y2: H - B + 5 }),
    s("text", { x: X(v), y: H - B + 18, "text-anchor": "middle" }, tickText(v)),
  ]),
  thresholdsOf(name).map((t) => s("line", { class: "threshold", x1: X(t), x2: X(t), y1: T, y2: H - B })),
  s("path", { class: "axis", d: `M${L} ${T}V${H - B}H${W - R}` }),
  s("text", { x: (L + W - R) / 2, y: H - 8, "text-anchor": "middle" }, axisNames[name]),
];

const scatter = (name) => {
  const shown = classes.filter((c) => isNumber(c[name]) && isNumber(c.acc)).sort((a, b) => a[name] - b[name]);
  const all = shown.map((c) => c[name]).concat(thresholdsOf(name));
  let low = Math.min(...all, 0),
    high = Math.max(...all, name === "crs" ? 1 : 0);
  if (low === high) high = low + 1;
  const pad = (high - low) * 0.04;
  const X = (v) => L + ((v - low + pad) / (high - low + 2 * pad)) * (W - L - R),
    Y = (v) => T + (1 - v) * (H - T - B);
  const svg = s(
    "svg",
    {
      id: "scatter",
      viewBox: `0 0 ${W} ${H}`,
      width: "100%",
      role: "group",
      "aria-label": `Accuracy against ${name}: ${count(shown.length, "class", "classes")}. Arrow keys move from class to class.`,
    },
    [0, 0.25, 0.5, 0.75, 1].map((v) => lineAcross(Y(v), percent(v))),
    axes(name, X, low, high),
    s(
      "text",
      { x: 12, y: (T + H - B) / 2, transform: `rotate(-90 12 ${(T + H - B) / 2})`, "text-anchor": "middle" },
      `accuracy (top-${data.rule.top_k})`,
    ),
  );
  const points = shown.map((c, i) => {
    const v = verdictOf(c.verdict),
      text = `${nameOf(c)}: ${c.verdict}, accuracy ${percent(c.acc)}, ${name} ${fixed(c[name])}, ${count(c.images, "image")}`;
    return s(
      "a",
      {
        href: `#class-${c.index}`,
        class: slug(c.verdict),
        tabindex: i === 0 ? 0 : -1,
        "aria-label": text,
        onpointerenter: (e) => showTip(text, e),
        onpointerleave: hideTip,
        onfocus: (e) => showTip(text, e),
        onblur: hideTip,
      },
      s("path", { class: "point", d: v.shape, transform: `translate(${X(c[name]) - 6} ${Y(c.acc) - 6}) scale(1.2)` }),
      s("circle", { cx: X(c[name]), cy: Y(c.acc), r: 8, fill: "transparent" }),
    );
  });
  svg.append(...points);
  svg.addEventListener("keydown", (e) => {
    const at = points.indexOf(document.activeElement),
      step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -at, End: points.length - 1 - at }[e.key];
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
  const bins = 24;
  const shown = classes.filter((c) => isNumber(c[name]));
  const all = shown.map((c) => c[name]).concat(thresholdsOf(name));
  const low = Math.min(...all, 0),
    high = Math.max(...all, low + 1e-6, name === "crs" ? 1 : 0),
    width = (high - low) / bins;
  const table = Array.from({ length: bins }, () => present.map(() => 0));
  for (const c of shown)
    table[Math.min(bins - 1, Math.floor((c[name] - low) / width))][present.findIndex((v) => v.name === c.verdict)]++;
  const most = Math.max(1, ...table.map((b) => b.reduce((a, n) => a + n, 0)));
  const X = (v) => L + ((v - low) / (high - low)) * (W - L - R),
    Y = (n) => T + (1 - n / most) * (H - T - B);
  const parts = present.map((v, k) => `${shown.filter((c) => c.verdict === v.name).length} ${v.name}`).join(", ");
  return s(
    "svg",
    {
      viewBox: `0 0 ${W} ${H}`,
      width: "100%",
      role: "img",
      "aria-label": `Distribution of the ${name} of ${count(shown.length, "class", "classes")}, from ${fixed(low)} to ${fixed(high)}: ${parts}.`,
    },
    ticks(0, most, 4)
      .filter((n) => Number.isInteger(n))
      .map((n) => lineAcross(Y(n), n)),
    table.map((b, i) => {
      let sum = 0;
      return b.map((n, k) => {
        if (!n) return null;
        sum += n;
        return s("rect", {
          class: `point ${slug(present[k].name)}`,
          x: X(low + i * width) + 1,
          width: Math.max(1, X(low + (i + 1) * width) - X(low + i * width) - 2),
          y: Y(sum),
          height: Y(sum - n) - Y(sum),
        });
      });
    }),
    axes(name, X, low, high),
  );
};

const measures = (anyProbed ? ["suspicion", "robustness", "crs", "ers"] : ["robustness", "crs", "ers"]).filter((name) =>
  classes.some((c) => isNumber(c[name])),
);
const charts = () => {
  if (!measures.length) return null;
  const left = h("div"),
    right = h("div");
  const draw = (name) => {
    left.replaceChildren(scatter(name));
    right.replaceChildren(distribution(name));
  };
  draw(measures[0]);
  return [
    h(
      "div",
      { class: "filters" },
      h(
        "label",
        {},
        "Horizontal axis ",
        h(
          "select",
          { id: "measure", onchange: (e) => draw(e.target.value) },
          measures.map((name) => h("option", { value: name }, name)),
        ),
      ),
      h(
        "span",
        {},
        present.map((v) => [badge(v.name), " \u00a0 "]),
      ),
    ),
    h(
      "div",
      { class: "charts" },
      h(
        "figure",
        {},
        left,
        h(
          "figcaption",
          {},
          "Each class by its accuracy. Dashed lines are the thresholds of the verdicts. A class on the upper bad side is recognised well, but not by its object.",
        ),
      ),
      h("figure", {}, right, h("figcaption", {}, "How many classes have which value.")),
    ),
  ];
};
