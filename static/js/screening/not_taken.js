// Answers that were not taken stay on the page until their maker has seen them, over reloads too.

import { one, page } from "./page.js";

const place = `concord:refused:${page.user}:${page.review}:${page.stage}`;
let here = []; // where the browser keeps nothing

function kept() {
  try {
    return JSON.parse(localStorage.getItem(place) ?? "[]");
  } catch {
    return here;
  }
}

function keep(lines) {
  here = lines;
  try {
    if (lines.length) localStorage.setItem(place, JSON.stringify(lines));
    else localStorage.removeItem(place);
  } catch {
    // Kept in `here` for as long as the page is open.
  }
  show(lines);
}

function show(lines) {
  one("[data-not-taken]").hidden = !lines.length;
  one("[data-not-taken-list]").replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement("li");
      item.dir = "auto";
      item.textContent = line;
      return item;
    }),
  );
}

// Two tabs that sent the same answer say it once.
export const addNotTaken = (line) => keep([...kept().filter((each) => each !== line), line]);
export const showNotTaken = () => show(kept());

one("[data-seen]").addEventListener("click", () => keep([]));
