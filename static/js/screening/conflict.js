// Keys for the page of one conflict. A final word is chosen by one key and given by another: it ends
// a stage for everybody, so no single key does that, but for the reason that the order proposes.

import { Keys } from "./keys.js";

const form = document.getElementById("final");
const reason = form.elements.reason;
const choose = (verdict) => form.querySelector(`[value="${verdict}"]`).click();

const keys = new Keys();
keys.add("i", "Include", () => choose("include"));
keys.add("e", "Exclude", () => choose("exclude"));
if (form.querySelector("[value=ongoing]")) {
  keys.add("w", "Awaiting classification", () => choose("awaiting"));
  keys.add("g", "Ongoing study", () => choose("ongoing"));
}
const reasons = reason ? [...reason.options].filter((option) => option.value) : [];
reasons.slice(0, 9).forEach((option, place) => {
  keys.add(String(place + 1), `Exclude: ${option.label}`, () => {
    choose("exclude");
    reason.value = option.value;
  });
});
keys.add("n", "Write a note", () => form.elements.note.focus());
const take = document.querySelector("[data-take]");
if (take) keys.add("t", "Take the proposed reason", () => take.click());
keys.add("s", "Settle", () => form.requestSubmit());
keys.add("j", "Next conflict", () => document.querySelector("[data-next]")?.click());
keys.listen();
form.elements.note.addEventListener("keydown", (event) => event.key === "Escape" && event.target.blur());
