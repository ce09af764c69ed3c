// SPDX-License-Identifier: Apache-2.0
// The table of classes: sorted, filtered, searched.

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
const heads = [
  ["verdict", "Verdict"],
  ["name", "Class"],
  ["images", "Images", true],
  ["acc", "Accuracy", true],
  ["crs", "CRS", true],
  ["deciding", anyProbed ? "Suspicion or robustness" : "Robustness"],
  [null, "Reason"],
];

const shownClasses = () => {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = classes
    .map((c, i) => ({ c, key: sorts[filter.key](c, i), i }))
    .filter(
      ({ c }) =>
        !filter.hidden.has(c.verdict) &&
        words.every((word) =>
          `${nameOf(c)} ${c.class} ${c.index} ${c.reason} ${c.looked_at || ""}`.toLowerCase().includes(word),
        ),
    );
  const missing = (k) => k === null || k === undefined;
  rows.sort(
    (a, b) =>
      missing(a.key) - missing(b.key) ||
      (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (filter.down ? -1 : 1) ||
      a.i - b.i,
  );
  return rows.map((r) => r.c);
};
const madeRows = new Map(); // a row is made once, and moved
const classRow = (c) => {
  if (!madeRows.has(c)) madeRows.set(c, makeRow(c));
  return madeRows.get(c);
};
const makeRow = (c) =>
  h(
    "tr",
    {},
    h("td", {}, badge(c.verdict)),
    h(
      "td",
      {},
      h("a", { href: `#class-${c.index}` }, nameOf(c)),
      nameOf(c) !== c.class ? h("div", { class: "soft" }, h("code", {}, c.class)) : null,
    ),
    h("td", { class: "number" }, c.images, c.failed ? h("div", { class: "soft" }, `${c.failed} failed`) : null),
    h("td", { class: "number" }, percent(c.acc)),
    h("td", { class: "number" }, fixed(c.crs)),
    h("td", {}, bar(c)),
    h("td", {}, reasonOf(c)),
  );
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
  document
    .querySelectorAll("[data-verdict]")
    .forEach((b) => b.setAttribute("aria-pressed", !filter.hidden.has(b.dataset.verdict)));
};
const classTable = () => [
  h(
    "div",
    { class: "filters" },
    h(
      "label",
      {},
      "Search ",
      h("input", {
        type: "search",
        id: "search",
        placeholder: "name, id, reason",
        value: filter.text,
        oninput: (e) => {
          filter.text = e.target.value;
          renderTable();
        },
      }),
    ),
    h(
      "span",
      { role: "group", "aria-label": "Verdicts that are shown" },
      present.map((v) => [
        h(
          "button",
          {
            type: "button",
            "data-verdict": v.name,
            "aria-pressed": "true",
            title: v.text,
            onclick: () => {
              filter.hidden.has(v.name) ? filter.hidden.delete(v.name) : filter.hidden.add(v.name);
              renderTable();
            },
          },
          badge(v.name),
        ),
        " ",
      ]),
    ),
    h(
      "button",
      {
        type: "button",
        id: "all",
        onclick: () => {
          filter.hidden.clear();
          filter.text = "";
          document.getElementById("search").value = "";
          renderTable();
        },
      },
      "Show all",
    ),
    h("span", { id: "shown", role: "status" }),
  ),
  region(
    "Table of classes",
    h(
      "table",
      { id: "class-table" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map(([key, text, number]) =>
            h(
              "th",
              { scope: "col", class: number && "number", "data-key": key },
              key
                ? h(
                    "button",
                    {
                      type: "button",
                      onclick: () => {
                        filter.down = filter.key === key ? !filter.down : false;
                        filter.key = key;
                        renderTable();
                      },
                    },
                    text,
                  )
                : text,
            ),
          ),
        ),
      ),
      h("tbody"),
    ),
  ),
];
