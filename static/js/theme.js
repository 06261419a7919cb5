// Loaded before the page is painted, so that the chosen theme and rail never flash.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paper = matchMedia("print");
  const read = (key) => {
    try { return localStorage.getItem(key); } catch { return null; } // storage may be forbidden
  };
  const apply = () => {
    const chosen = read("theme") || "auto";
    const isDark = chosen === "dark" || (chosen === "auto" && dark.matches);
    root.dataset.bsTheme = isDark && !paper.matches ? "dark" : "light";
    root.dataset.theme = chosen;
    root.dataset.rail = read("rail") === "narrow" ? "narrow" : "wide";
  };
  apply();
  dark.addEventListener("change", apply);
  paper.addEventListener("change", apply);
  addEventListener("storage", apply); // another tab of the same person
  addEventListener("concord:look", apply); // app.js wrote a new choice
})();
