// The extractor's form: words that are selected in a report become a quote with its page and its box
// there, and a quote is shown again where it stands.

import { boxOf, numbers, placeIn, showWords } from "./reader_places.js";

function showTakers(root) {
  for (const button of root.querySelectorAll("[data-take-selection], button[data-jump]")) button.hidden = false;
}
showTakers(document);
document.addEventListener("htmx:afterSwap", ({ target }) => showTakers(target.parentElement ?? document));

// The press itself would drop the selection.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-take-selection]")) event.preventDefault();
});

// The controls that say where the words of `quote` stand.
function controlsOf(quote) {
  const around = quote.parentElement;
  return {
    quote,
    page: around.querySelector("input[name$='page']"),
    box: around.querySelector("input[name$='box']"),
    report: around.querySelector("select[name$='report']"),
  };
}

const elementOf = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node);
const together = ([l1, t1, w1, h1], [l2, t2, w2, h2]) => {
  const [left, top] = [Math.min(l1, l2), Math.min(t1, t2)];
  return [left, top, Math.max(l1 + w1, l2 + w2) - left, Math.max(t1 + h1, t2 + h2) - top];
};

function take(quote) {
  const selection = getSelection();
  const words = selection.toString().trim();
  if (!words) {
    window.concord.say("Select the words in the document first.");
    return;
  }
  const { page, box, report } = controlsOf(quote);
  const range = selection.getRangeAt(0);
  const start = elementOf(range.startContainer);
  const sheet = start.closest("[data-page]"); // in a PDF the words stand on a page
  const isFirst = !quote.value.trim();
  quote.value = isFirst ? words : `${quote.value.trim()} […] ${words}`;
  const own = start.closest(".report-sheet")?.dataset.report;
  if (report && own && (isFirst || !report.value)) report.value = own;
  if (page && (isFirst || !page.value)) {
    page.value = sheet?.dataset.page ?? (isFirst ? "" : page.value);
    if (box) box.value = "";
  }
  if (box && sheet && page?.value === sheet.dataset.page) {
    const found = boxOf([...range.getClientRects()], sheet);
    const before = numbers(box.value);
    const both = found.length && before.length ? together(before, found) : found;
    box.value = both.map((part) => part.toFixed(4)).join(",");
  }
  quote.dispatchEvent(new Event("input", { bubbles: true }));
  quote.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take-selection]");
  if (button) take(document.getElementById(button.dataset.takeSelection));
});

// A box belongs to the page and the words that it was taken with.
document.addEventListener("input", ({ target, isTrusted }) => {
  if (!isTrusted || !target.matches?.("input[name$='page'], textarea[name$='quote']")) return;
  if (target.matches("textarea") && target.value.trim()) return;
  const box = target.closest("details, .field")?.querySelector("input[name$='box']");
  if (box) box.value = "";
});

// --- shown again ----------------------------------------------------------------------------------

function asked(button) {
  if (button.hash) return { place: placeIn(button.hash), report: button.dataset.report };
  const { quote, page, box, report } = controlsOf(document.getElementById(button.dataset.jump));
  const number = /\d+/.exec(page?.value ?? "")?.[0];
  const place = { page: Number(number ?? 0), box: numbers(box?.value ?? ""), quote: quote.value.trim() };
  return { place: place.page || place.quote ? place : null, report: report?.value };
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-jump]");
  if (!button) return;
  event.preventDefault();
  const { place, report } = asked(button);
  if (!place) return window.concord.say("There is no quote and no page yet.");
  const sheets = [...document.querySelectorAll(".report-sheet")];
  const sheet = sheets.find((each) => each.dataset.report === report) ?? sheets[0];
  if (!sheet) return;
  const reader = sheet.querySelector("[data-reader]")?.reader;
  const words = sheet.querySelector(".reader-words, .reading");
  if (reader?.document) {
    reader.root.scrollIntoView({ block: "nearest" });
    reader.places.show(place);
  } else if (!words || !showWords(words, place)) window.concord.say("The words are not found in this report.");
});

// --- a person who verifies: what was confirmed hands the cursor to what is to be looked at next --------

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  // Only the button "It is right" moves the cursor: an answer that is being typed keeps it when it is saved.
  const { elt, target } = detail.requestConfig ?? {};
  if (!elt?.matches("form:has(> [data-confirm])")) return;
  const here = document.getElementById(target.id);
  if (!here) return;
  const isOpen = (button) => !button.closest(".theirs").querySelector(".badge");
  const after = (button) => here.contains(button) || here.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING;
  const open = [...document.querySelectorAll(".theirs [data-confirm]")].filter(isOpen);
  (open.find(after) ?? open[0] ?? document.querySelector(".form-foot .btn-primary"))?.focus();
});
