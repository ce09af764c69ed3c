// SPDX-License-Identifier: Apache-2.0
// Moving around, and the theme.

// ---- moving around ----

const route = (event) => {
  hideTip();
  const match = /^#class-(\d+)$/.exec(location.hash),
    c = match && byIndex.get(Number(match[1]));
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
  if (event) ((target || main).setAttribute("tabindex", -1), (target || main).focus({ preventScroll: true }));
};
addEventListener("hashchange", route);
addEventListener("keydown", (e) => {
  if (e.key === "Escape" && document.getElementById("back")) location.hash = "#classes";
  if (e.key === "Escape") hideTip();
});

// ---- theme ----

const system = matchMedia("(prefers-color-scheme: dark)"),
  theme = document.getElementById("theme");
const store = (value) => {
  try {
    if (value !== undefined) localStorage.setItem("checkrob-theme", value);
    return localStorage.getItem("checkrob-theme");
  } catch {
    return null;
  }
};
const setTheme = () => {
  document.documentElement.dataset.theme = theme.value === "auto" ? (system.matches ? "dark" : "light") : theme.value;
};
theme.value = store() || "auto";
if (!theme.value) theme.value = "auto";
theme.addEventListener("change", () => {
  store(theme.value);
  setTheme();
});
system.addEventListener("change", setTheme);
setTheme();
route();
