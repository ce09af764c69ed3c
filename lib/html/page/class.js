// SPDX-License-Identifier: Apache-2.0
// The page of a class.

const probes = [
  ["recognised_object_only", "by the object alone"],
  ["recognised_context_only", "by what is off the object alone"],
  ["recognised_context_filled", "the same, the object filled from around"],
  ["recognised_transplanted", "with another class's object in its place"],
  ["recognised_without_hot_spot", "without the hot spot off the object"],
  ["recognised_without_object_spot", "without the hot spot on the object"],
  ["recognised_without_colour", "without colour off the object"],
  ["recognised_blurred", "with everything off the object blurred"],
  ["recognised_slightly_blurred", "with everything off the object slightly blurred"],
  ["recognised_patched", "with a gray patch of the object's shape elsewhere"],
];
const sectionOf = (title, ...children) =>
  children.flat(9).some(Boolean) ? h("section", {}, h("h2", {}, title), children) : null;

const confusions = (c) => {
  const from = data.confusions.filter((r) => r[0] === c.index).slice(0, 8),
    into = data.confusions
      .filter((r) => r[1] === c.index)
      .sort((a, b) => b[2] - a[2])
      .slice(0, 8);
  const list = (title, rows, at) =>
    rows.length > 0 && [
      h("h3", {}, title),
      h(
        "ul",
        {},
        rows.map((r) => h("li", {}, link(r[at]), `: ${count(r[2], "image")}`)),
      ),
    ];
  return [list("Taken for", from, 1), list("Others that are taken for it", into, 0)];
};
const looked = (c) => {
  const rows = ofClass("looked_at", c.index).sort((a, b) => b.share - b.expected - a.share + a.expected);
  return (
    rows.length > 0 &&
    simpleTable(
      "What else is looked at",
      [
        {
          head: "What",
          cell: (r) =>
            r.kind === "class" ? ["the class ", isNumber(r.other_index) ? link(r.other_index) : r.name] : r.name,
        },
        { head: "Images", number: true, cell: (r) => r.images },
        { head: "Share of the saliency", cell: (r) => share(r.share) },
        { head: "Expected", number: true, cell: (r) => percent(r.expected) },
      ],
      rows,
    )
  );
};
const probed = (c) => {
  const rows = probes.filter(([name]) => isNumber(c[name]));
  return (
    rows.length > 0 && [
      h("p", {}, `Share of ${count(c.recognised, "recognised image")} in which the class is still recognised:`),
      simpleTable(
        "Probes",
        [
          { head: "Probe", cell: (r) => r[1] },
          { head: "Still recognised", cell: (r) => share(c[r[0]]) },
        ],
        rows,
      ),
    ]
  );
};
const features = (c, own) => {
  const rows = ofClass("feature", c.index).filter((r) => r.spurious === 1 || r.kind === "together");
  if (!rows.some((r) => r.spurious === 1)) return null;
  return [
    simpleTable(
      "Spurious features",
      [
        { head: "Feature", cell: (r) => (r.kind === "together" ? "the two strongest" : `${r.feature}: ${r.kind}`) },
        { head: "Place", cell: (r) => r.place || "" },
        { head: "On the object", number: true, cell: (r) => percent(r.on_object) },
        { head: "Surroundings alone recognised", number: true, cell: (r) => percent(r.surroundings_recognised) },
        { head: "the same without it", number: true, cell: (r) => percent(r.surroundings_recognised_without) },
      ],
      rows,
    ),
    own.filter((p) => p.kind === "feature").length > 0 && [
      h("p", {}, "The yellow square marks where the feature contributes most off the object."),
      gallery(own.filter((p) => p.kind === "feature")),
    ],
  ];
};
const pool = (c, own) => {
  const rows = ofClass("pool", c.index);
  return (
    rows.length > 0 && [
      h(
        "p",
        {},
        "Images of the pool that are taken for this class by one of its spurious features, without showing it as far as annotations say.",
      ),
      gallery(own.filter((p) => p.kind === "pool")),
      simpleTable(
        "Pool images",
        [
          { head: "Image", cell: (r) => h("code", {}, r.image) },
          { head: "Feature", number: true, cell: (r) => r.feature },
          { head: "Probability", number: true, cell: (r) => fixed(r.probability) },
          { head: "without the feature", number: true, cell: (r) => fixed(r.probability_without) },
        ],
        rows,
      ),
    ]
  );
};
const adviceKinds = {
  elsewhere: "add images of the class in the surroundings of",
  others: "add images in the class's surroundings, with its cue, of",
  drop: "drop its images that are recognised without the object",
};
const advice = (c) => {
  const rows = ofClass("advice", c.index);
  return (
    rows.length > 0 &&
    simpleTable(
      "Advice",
      [
        { head: "What to do", cell: (r) => `${adviceKinds[r.kind] || r.kind} ${r.with || ""}` },
        { head: "Images", number: true, cell: (r) => r.images },
        { head: "Outcome of a fitted layer", cell: (r) => r.outcome },
        { head: "Found elsewhere", number: true, cell: (r) => `${percent(r.found)} \u2192 ${percent(r.found_with)}` },
        { head: "Fooled", number: true, cell: (r) => `${percent(r.fooled)} \u2192 ${percent(r.fooled_with)}` },
      ],
      rows,
    )
  );
};
const others = (c) => {
  const pasted = ofClass("pasted", c.index).sort((a, b) => b.share - a.share),
    cues = ofClass("cue", c.index),
    twins = ofClass("duplicate", c.index);
  return [
    pasted.length > 0 && [
      h("h3", {}, "Seen in its surroundings although they show another object"),
      simpleTable(
        "Objects in its surroundings",
        [
          { head: "Object of", cell: (r) => link(r.object_index) },
          { head: "Images", number: true, cell: (r) => r.images },
          { head: "Still recognised", cell: (r) => share(r.share) },
        ],
        pasted,
      ),
    ],
    cues.length > 0 && [
      h("h3", {}, "What in the data predicts the class"),
      simpleTable(
        "Cues of the data",
        [
          { head: "Cue", cell: (r) => `${plain(r.kind)}: ${plain(r.name)}` },
          { head: "In the class", number: true, cell: (r) => fixed(r.inside) },
          { head: "elsewhere", number: true, cell: (r) => fixed(r.outside) },
          { head: "AUC", number: true, cell: (r) => fixed(r.auc) },
          { head: "The model follows it", cell: (r) => (r.followed === 1 ? "yes" : "not shown") },
        ],
        cues,
      ),
    ],
    twins.length > 0 && [
      h("h3", {}, "Images with almost the same surroundings"),
      simpleTable(
        "Duplicates",
        [
          { head: "Group", number: true, cell: (r) => r.group },
          { head: "Image", cell: (r) => h("code", {}, r.image) },
          { head: "Similarity", number: true, cell: (r) => fixed(r.similarity, 3) },
        ],
        twins,
      ),
    ],
  ];
};
const before = (c) => {
  const r = comparison.find((row) => row.index === c.index);
  return (
    r &&
    h(
      "p",
      {},
      "The other run: ",
      arrow(r.verdict_before, r.verdict_after),
      `, accuracy ${percent(r.acc_before)} \u2192 ${percent(r.acc_after)}, CRS ${fixed(r.crs_before, 3)} \u2192 ${fixed(r.crs_after, 3)}, change of the same images ${signed(r.rs_change)} \u00b1 ${fixed(r.rs_change_error, 3)}: ${significant(r) ? "more than chance" : "perhaps chance"}.`,
    )
  );
};
const allNumbers = (c) =>
  h(
    "details",
    {},
    h("summary", {}, "All numbers"),
    simpleTable(
      "All numbers",
      [
        { head: "Column", cell: (r) => h("code", {}, r[0]) },
        {
          head: "Value",
          number: true,
          cell: (r) => (isNumber(r[1]) && !Number.isInteger(r[1]) ? fixed(r[1], 4) : r[1]),
        },
        { head: "Unit", cell: (r) => columnInfo.get(r[0]).unit },
        { head: "Meaning", cell: (r) => columnInfo.get(r[0]).text },
      ],
      Object.entries(c).filter(([, value]) => value !== null && value !== ""),
    ),
  );
const where = (own) => {
  const folders = option("images");
  return [
    folders && h("p", {}, "Images folder of the run: ", h("code", {}, folders)),
    own.length > 0 &&
      h(
        "ul",
        {},
        [...new Set(own.map((p) => p.image))].map((image) => h("li", {}, h("code", {}, image))),
      ),
  ];
};
const number = (title, value, text) => h("div", { title: text }, h("dt", {}, title), h("dd", {}, value));

const classPage = (c) => {
  const own = pictures.get(c.index) || [],
    order = shownClasses(),
    at = order.indexOf(c);
  const go = (other, text) => other && h("a", { href: `#class-${other.index}` }, `${text}: ${nameOf(other)}`);
  const samples = own.filter((p) => kinds[p.kind]);
  const about = (name) => (columnInfo.get(name) || {}).text;
  main.replaceChildren(
    ...[
      h(
        "p",
        { class: "move" },
        h("a", { href: "#classes", id: "back" }, "\u2190 All classes"),
        go(order[at - 1], "previous"),
        at >= 0 && go(order[at + 1], "next"),
      ),
      h("h1", { tabindex: -1 }, nameOf(c)),
      h("p", {}, badge(c.verdict), " ", verdictOf(c.verdict).text, "."),
      h(
        "p",
        {},
        h("strong", {}, "Why: "),
        c.reason,
        data.reasons[c.reason_code]
          ? h("span", { class: "soft" }, ` (${data.reasons[c.reason_code].replaceAll("`", "")})`)
          : null,
      ),
      before(c),
      isNumber(c[decidingOf(c)]) && h("p", {}, bar(c, 420)),
      h(
        "dl",
        { class: "numbers" },
        number("Class", [h("code", {}, c.class), `, output ${c.index}`], about("class")),
        number(
          "Images",
          `${c.images} evaluated, ${c.recognised ?? "\u2013"} recognised, ${c.failed} failed`,
          about("images"),
        ),
        number(`Accuracy, top-${data.rule.top_k}`, percent(c.acc), about("acc")),
        number(
          "CRS: saliency on the object",
          `${fixed(c.crs, 3)} (${fixed(c.crs_low, 3)} to ${fixed(c.crs_high, 3)})`,
          about("crs"),
        ),
        number("A flat map scores", fixed(c.area, 3), about("area")),
        number("ERS: excess over a blind map", fixed(c.ers, 3), about("ers")),
        number("Robustness", intervalText(c, "robustness").replace("robustness ", ""), about("robustness")),
        isNumber(c.suspicion) &&
          number("Suspicion", intervalText(c, "suspicion").replace("suspicion ", ""), about("suspicion")),
      ),
      c.looked_at && h("p", {}, h("strong", {}, "Also looked at: "), c.looked_at),
      c.features && h("p", {}, h("strong", {}, "Feature: "), c.features),
      samples.length > 0
        ? h(
            "section",
            {},
            h("h2", {}, "Images"),
            h(
              "p",
              { class: "soft" },
              "Worst: the least saliency on the object. Worst, typical and best are among the images that were recognised.",
            ),
            controls(),
            gallery(samples),
          )
        : h("p", { class: "soft" }, "This report has no pictures of the class."),
      sectionOf("Confused with", confusions(c)),
      sectionOf("What else was looked at", looked(c)),
      sectionOf("Probes", probed(c)),
      sectionOf("Spurious features", features(c, own)),
      sectionOf("Pool images", pool(c, own)),
      sectionOf("Advice for the training data", advice(c)),
      sectionOf("The data", others(c)),
      sectionOf("Where the images are", where(own)),
      allNumbers(c),
    ].filter(Boolean),
  );
};
