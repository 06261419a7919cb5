// The reviewer's page. The next reports are here already (ahead.js) and answers go out in the background
// (outbox.js), so that the next report is on the screen one frame after the key. What is before the
// reviewer stands in desk.js, show.js draws it; here keys and buttons get their meaning, and it begins.

import { refill, toggleAlong } from "./ahead.js";
import { hasWords, showText } from "./card.js";
import { decide, undo } from "./deciding.js";
import { desk } from "./desk.js";
import { canJoin, openFinder } from "./duplicate.js";
import "./interest.js";
import { Keys } from "./keys.js";
import { showLabels, withPendingLabels } from "./labels.js";
import { move, openRow, toggleList } from "./listing.js";
import { showNotTaken } from "./not_taken.js";
import { one, page, remember, remembered } from "./page.js";
import { answer, beginQuestions, hasQuestions, skip } from "./questions.js";
import { outbox, pendingReports, showSaved } from "./sending.js";
import { show, showToggles, showUndo, toggleWords } from "./show.js";

const note = one("#note");

// --- what keys and buttons do --------------------------------------------------------------------

one("#answer").addEventListener("submit", (event) => {
  event.preventDefault();
  const { name, value } = event.submitter ?? {};
  if (name === "reason") decide("exclude", Number(value));
  else if (name === "verdict") decide(value);
});
one("#undo").addEventListener("submit", (event) => {
  event.preventDefault();
  undo();
});

function toggleCriteria() {
  const isFolded = one("[data-criteria]").classList.toggle("is-folded");
  remember("concord:criteria", isFolded ? "folded" : "open");
}

function write(field) {
  field.focus();
  field.scrollIntoView({ block: "center" });
}

const writeNote = () => write(note);
const writeLabel = () => write(one("#label"));

// On a phone criteria and reasons stand below the text, wherever it ends; a sheet over the buttons
// brings them to one place.
function toggleSheet(name) {
  for (const section of document.querySelectorAll("[data-criteria], [data-reasons]")) {
    const wanted = section.matches(`[data-${name}]`) && !section.classList.contains("is-sheet");
    section.classList.toggle("is-sheet", wanted);
    one(`[data-do="${section.matches("[data-reasons]") ? "reasons" : "criteria"}"]`).setAttribute("aria-expanded", String(wanted));
  }
}

// --- keys and buttons ------------------------------------------------------------------------------

const keys = new Keys(page.keymap);
keys.give("include", "Include", () => decide("include"));
if (one(".btn-maybe")) keys.give("maybe", "Maybe", () => decide("maybe"));
keys.give("exclude", "Exclude", () => decide("exclude"));
if (page.stage === "fulltext") {
  keys.give("awaiting", "Awaiting classification", () => decide("awaiting"));
  keys.give("ongoing", "Ongoing study", () => decide("ongoing"));
}
page.reasons.slice(0, 9).forEach((reason, place) => {
  keys.give(`reason${place + 1}`, `Exclude: ${reason.label}`, () => decide("exclude", reason.id));
});
if (hasQuestions) {
  for (const says of ["yes", "no", "unclear"]) keys.give(says, `To the criterion that is next: ${says}`, () => answer(says));
  keys.give("skip", "Leave that criterion, go to the one after", skip);
  beginQuestions();
}
keys.give("undo", "Undo: go back to the last report", undo);
if (canJoin) keys.give("duplicate", "Duplicate of another report …", openFinder);
keys.give("note", "Write a note (Escape leaves it)", writeNote);
keys.give("label", "Give a label, or take it off (Enter; Escape leaves it)", writeLabel);
keys.give("criteria", "Fold or open the criteria", toggleCriteria);
if (hasWords) keys.give("highlight", "Mark the words to look for, or not", toggleWords);
if (page.stage === "abstract") {
  keys.give("list", "One report, or a list of titles", toggleList);
  keys.give("down", "In the list: next report", () => move(1));
  keys.give("up", "In the list: report before", () => move(-1));
  keys.give("open", "In the list: open or close the abstract", openRow);
}
keys.give("help", "Show these keys", () => one("#keys").showModal());
keys.listen();
keys.describe(one("[data-keys]"));

for (const field of [note, one("#label")]) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    field.blur();
    one("[data-report-title]").focus({ preventScroll: true });
  });
}
const BUTTONS = { note: writeNote, label: writeLabel, keys: () => one("#keys").showModal(), highlight: toggleWords, list: toggleList, along: toggleAlong,
  criteria: () => toggleSheet("criteria"), reasons: () => toggleSheet("reasons") };
for (const button of document.querySelectorAll("[data-do]")) {
  button.hidden = ["list", "along"].includes(button.dataset.do) && page.stage !== "abstract";
  button.addEventListener("click", () => BUTTONS[button.dataset.do]());
}
one("[data-criteria]").classList.toggle("is-folded", remembered("concord:criteria") === "folded");

// --- begin -----------------------------------------------------------------------------------------

const waiting = pendingReports(); // decided before, in this browser, and not sent yet
desk.queue = page.cards.filter((card) => !waiting.has(card.id)).map(withPendingLabels);
desk.left -= page.cards.length - desk.queue.length;
desk.isExhausted = !page.cards.length;
showToggles();
if (desk.current?.id !== page.cards[0]?.id || desk.isList) show();
else {
  showUndo();
  if (desk.current) {
    showText(desk.current);
    showLabels(desk.current);
  }
}
showSaved();
showNotTaken();
outbox.hurry();
refill();
