// SPDX-License-Identifier: Apache-2.0
// The first page: which classes, overview, comparison, limits, the run.

// ---- overview: which classes ----

const worstOf = (c) => (pictures.get(c.index) || []).find((p) => !p.problem);
const trustCards = () => {
  const bad = classes.filter((c) => c.verdict === "non-robust").concat(classes.filter((c) => c.verdict === "doubtful"));
  if (!bad.length) return h("p", {}, "No class is non-robust or doubtful. Read below what this report cannot tell.");
  return [
    h(
      "p",
      {},
      `${count(bad.length, "class", "classes")} of ${classes.length}. The reason is what speaks against the class; the photo has the least saliency on the object, among the images that were recognised if there are enough.`,
    ),
    h(
      "ul",
      { class: "cards" },
      bad.slice(0, 8).map((c) => {
        const p = worstOf(c);
        return h(
          "li",
          { class: "card" },
          badge(c.verdict),
          h("h3", {}, link(c.index)),
          h("p", {}, reasonOf(c)),
          p && h("a", { href: `#class-${c.index}`, "aria-label": `Images of ${nameOf(c)}` }, photo(p)),
        );
      }),
    ),
    bad.length > 8 && h("p", {}, h("a", { href: "#classes" }, `${bad.length - 8} more are in the table of classes.`)),
  ];
};

const tiles = () =>
  h(
    "ul",
    { class: "tiles" },
    present.map((v) => {
      const n = classes.filter((c) => c.verdict === v.name).length;
      return h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            title: v.text,
            onclick: () => {
              filter.hidden = new Set(verdicts.map((o) => o.name).filter((name) => name !== v.name));
              location.hash = "#classes";
              renderTable();
            },
          },
          h("b", {}, n),
          badge(v.name),
        ),
      );
    }),
  );

// ---- the rest of the overview ----

const failures = () => {
  const failed = data.totals.failed || 0;
  if (!failed) return h("p", {}, `All ${count(data.totals.samples, "sample")} could be evaluated.`);
  return [
    h(
      "p",
      {},
      `${failed} of ${count(data.totals.samples, "sample")} could not be evaluated.` +
        (data.failures.length < failed ? ` The first ${data.failures.length}:` : ""),
    ),
    h(
      "details",
      { open: failed <= 10 },
      h("summary", {}, "Which, and why"),
      simpleTable(
        "Failures",
        [
          { head: "Image", cell: (r) => h("code", {}, r[0]) },
          { head: "Class", cell: (r) => r[1] },
          { head: "Status", cell: (r) => r[2] },
          { head: "Message", cell: (r) => r[3] },
        ],
        data.failures,
      ),
    ),
  ];
};

const significant = (r) =>
  isNumber(r.rs_change) &&
  isNumber(r.rs_change_error) &&
  Math.abs(r.rs_change) > 2 * r.rs_change_error &&
  r.rs_change_error > 0;
const comparison = rowsOf(data.comparison);
const arrow = (a, b) =>
  a === b
    ? badge(a || "not enough data")
    : [a ? badge(a) : "no such class", " \u2192 ", b ? badge(b) : "no such class"];
const compared = () => {
  if (!data.comparison) return null;
  const worse = comparison.filter((r) => significant(r) && r.rs_change < 0).length,
    better = comparison.filter((r) => significant(r) && r.rs_change > 0).length;
  const other = comparison.filter((r) => r.verdict_before !== r.verdict_after).length;
  const before = new Map(data.options_before),
    now = new Map(data.options);
  const differing = [...new Set([...before.keys(), ...now.keys()])].filter(
    (name) => before.get(name) !== now.get(name),
  );
  const order = comparison
    .slice()
    .sort(
      (a, b) =>
        (a.verdict_before === a.verdict_after) - (b.verdict_before === b.verdict_after) ||
        significant(b) - significant(a) ||
        Math.abs(b.rs_change || 0) - Math.abs(a.rs_change || 0),
    );
  return h(
    "section",
    { "aria-labelledby": "compared" },
    h("h2", { id: "compared" }, "What changed between the two runs"),
    h(
      "p",
      {},
      `The share of the saliency on the object rose by more than twice the standard error in ${count(better, "class", "classes")}, and fell in ${worse}; about one in twenty would by chance. ${count(other, "class has", "classes have")} another verdict.`,
    ),
    differing.length
      ? h(
          "details",
          {},
          h("summary", {}, `${count(differing.length, "option")} differ`),
          simpleTable(
            "Options that differ",
            [
              { head: "Option", cell: (n) => h("code", {}, n) },
              { head: "Then", cell: (n) => before.get(n) || "not set" },
              { head: "Now", cell: (n) => now.get(n) || "not set" },
            ],
            differing,
          ),
        )
      : h("p", {}, "All options are the same."),
    simpleTable(
      "Comparison",
      [
        { head: "Class", cell: (r) => (byIndex.has(r.index) ? link(r.index) : r.class) },
        { head: "Verdict", cell: (r) => arrow(r.verdict_before, r.verdict_after) },
        { head: "Accuracy then", number: true, cell: (r) => percent(r.acc_before) },
        { head: "now", number: true, cell: (r) => percent(r.acc_after) },
        { head: "CRS then", number: true, cell: (r) => fixed(r.crs_before, 3) },
        { head: "now", number: true, cell: (r) => fixed(r.crs_after, 3) },
        {
          head: "Change of the same images",
          number: true,
          cell: (r) =>
            isNumber(r.rs_change) ? `${signed(r.rs_change)} \u00b1 ${fixed(r.rs_change_error, 3)}` : "\u2013",
        },
        { head: "More than chance", cell: (r) => (significant(r) ? "yes" : "no") },
      ],
      order,
    ),
  );
};

const runTable = () => {
  const rows = data.options.filter(([, value]) => value !== "");
  return [
    h(
      "p",
      {},
      `checkrob ${data.checkrob}. ${count(data.totals.evaluated || 0, "sample")} evaluated of ${data.totals.samples || 0}. This repeats the run: `,
      h("code", {}, "checkrob score --spec summary.json --out again"),
      ".",
    ),
    h(
      "details",
      { open: true },
      h("summary", {}, "Options"),
      simpleTable(
        "Options",
        [
          { head: "Option", cell: (r) => h("code", {}, r[0]) },
          { head: "Value", cell: (r) => h("code", {}, r[1]) },
        ],
        rows,
      ),
    ),
  ];
};

const baseName = (path) => path.split("/").filter(Boolean).pop() || "";
const overview = () => {
  const model = baseName(option("model"));
  main.replaceChildren(
    ...[
      h("h1", {}, model ? `What ${model} looks at` : "What the model looks at"),
      h(
        "p",
        { class: "soft" },
        `${count(classes.length, "class", "classes")}, ${count(data.totals.evaluated || 0, "image")} evaluated; method ${option("method")}` +
          (option("probe") && option("probe") !== "none" ? `, probes ${option("probe")}` : "") +
          (data.complete ? "" : ". The results are not complete"),
      ),
      h(
        "section",
        { "aria-labelledby": "trust" },
        h("h2", { id: "trust" }, "Which classes not to trust, and why"),
        trustCards(),
      ),
      h("section", { "aria-labelledby": "overview" }, h("h2", { id: "overview" }, "Overview"), tiles(), charts()),
      compared(),
      h("section", { "aria-labelledby": "classes" }, h("h2", { id: "classes" }, "Classes"), classTable()),
      h(
        "section",
        { "aria-labelledby": "limits" },
        h("h2", { id: "limits" }, "What this report cannot tell"),
        h(
          "ul",
          {},
          data.notes.map((note) => h("li", {}, note)),
        ),
        h("h3", {}, "Failures"),
        failures(),
      ),
      h("section", { "aria-labelledby": "run" }, h("h2", { id: "run" }, "The run"), runTable()),
    ].filter(Boolean),
  );
  renderTable();
};
