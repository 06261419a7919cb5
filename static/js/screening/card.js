// One report on the screen: the elements of screen_card.html, filled for the next one.

import { address, fill, one, page, remember, remembered } from "./page.js";
import { Words } from "./words.js";

const words = new Words(page.words);
export const hasWords = words.any;
let isMarked = remembered("concord:words") !== "off";

export const marksWords = () => isMarked;

export function toggleMarks() {
  isMarked = !isMarked;
  remember("concord:words", isMarked ? "on" : "off");
}

// Mark the words to look for in `element`; nothing while marks are off.
export function mark(element) {
  if (isMarked) words.mark(element);
}

// What one reads of a report, with the words to look for marked in it.
export function showText(card) {
  one("[data-report-title]").textContent = card.title;
  fill("[data-abstract]", card.abstract);
  one("[data-no-abstract]").hidden = Boolean(card.abstract);
  const keywords = one("[data-keywords]");
  keywords.hidden = !card.keywords.length;
  keywords.replaceChildren(
    ...card.keywords.map((keyword) => {
      const item = document.createElement("li");
      item.dir = "auto";
      item.textContent = keyword;
      return item;
    }),
  );
  for (const element of [one("[data-report-title]"), one("[data-abstract]"), keywords]) mark(element);
}

// Each name in its own direction: "Lind, K." stays in one piece between Arabic ones.
function showAuthors({ authors }) {
  const line = one("[data-authors]");
  line.hidden = !authors.length;
  line.replaceChildren(
    ...authors.flatMap((author, place) => {
      const name = document.createElement("bdi");
      name.textContent = author;
      return place ? ["; ", name] : [name];
    }),
  );
}

function showWhy(why) {
  one("[data-why]").hidden = !why;
  if (!why) return;
  one("[data-why-among]").textContent = why.among;
  one("[data-why-for]").textContent = why.for.join(", ") || "none";
  one("[data-why-against]").textContent = why.against.join(", ") || "none";
  const link = document.createElement("a");
  if (why.nearest) {
    link.href = address("report", why.nearest.id);
    link.target = "_blank";
    link.textContent = why.nearest.title;
  }
  one("[data-why-nearest]").replaceChildren(why.nearest ? link : "none");
}

function showRelated(related) {
  one("[data-related]").hidden = !related.length;
  one("[data-related-list]").replaceChildren(
    ...related.flatMap((each, place) => {
      const link = document.createElement("a");
      link.href = address("report", each.id);
      link.target = "_blank";
      link.dir = "auto";
      link.textContent = each.title;
      return [place ? "; " : "", link, ` (${each.kind.toLowerCase()})`];
    }),
  );
}

export function showCard(card) {
  showText(card);
  showAuthors(card);
  one("[data-journal]").textContent = card.journal;
  one("[data-year]").textContent = card.year ?? "";
  fill("[data-doi]", card.doi_url ? `doi:${card.doi}` : "");
  one("[data-doi]").href = card.doi_url;
  fill("[data-pmid]", card.pmid_url ? `PMID ${card.pmid}` : "");
  one("[data-pmid]").href = card.pmid_url;
  one("[data-retracted]").hidden = card.retraction !== "retracted";
  one("[data-retracted-why]").textContent = card.retraction_why;
  showRelated(card.related);
  showWhy(card.why);
}
