// The extractor's form: what is not saved yet is watched over.
// The adjudicator's cards: keys 1 to 4, J and K. Without this file both pages work as plain forms.

// --- the form: nothing typed is left behind -----------------------------------------------------

const unsaved = new Set(); // sections whose controls were changed since they were last sent
const sending = new Set(); // sections whose answer is on its way

const sectionOf = (element) => element.closest?.("[hx-post][hx-trigger='change']");
const takeBackSaved = (section) => section.querySelector(".answer-state [role='status']")?.remove();

document.addEventListener("input", ({ target }) => {
  const section = sectionOf(target);
  if (!section) return;
  unsaved.add(section);
  takeBackSaved(section);
});

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (unsaved.delete(detail.elt)) sending.add(detail.elt);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const section = detail.elt;
  if (!sending.delete(section)) return;
  // htmx calls a 422 successful, since its errors are swapped in; nothing was saved by it.
  const isSaved = detail.xhr.status >= 200 && detail.xhr.status < 400;
  if (!isSaved) unsaved.add(section);
  // What was sent stands below by its name; left here it would be sent again with the next change.
  else for (const file of section.querySelectorAll("input[type='file']")) file.value = "";
  // What was typed meanwhile is not saved by the answer to what was typed before.
  if (unsaved.has(section)) takeBackSaved(section);
  const control = section.querySelector("[aria-describedby]");
  if (!control?.matches("input, textarea")) return;
  if (isSaved) control.removeAttribute("aria-invalid");
  else control.setAttribute("aria-invalid", "true");
});

// Words in a field that still has the cursor are sent when the tab is put away.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  const section = sectionOf(document.activeElement ?? document.body);
  if (section && unsaved.has(section)) window.htmx.trigger(section, "change");
});

let leavingByForm = false;
document.getElementById("extraction-form")?.addEventListener("submit", () => {
  leavingByForm = true;
});

addEventListener("beforeunload", (event) => {
  const adding = document.querySelector("form[data-adds] textarea");
  const half = adding?.value.trim() && adding.value !== adding.defaultValue;
  if (!leavingByForm && (unsaved.size || sending.size || half)) event.preventDefault();
});

// --- questions that another answer decides about, and tables that grow -----------------------------

function showAsked() {
  for (const section of document.querySelectorAll("[data-if]")) {
    const wanted = JSON.parse(section.dataset.ifValues);
    const deciding = document.getElementsByName(section.dataset.if);
    const isAsked = [...deciding].some((each) => each.checked && wanted.includes(each.value) && !each.closest("[data-if][hidden]"));
    // One that holds an answer which could not be saved stays in sight with its reason.
    section.hidden = !isAsked && !unsaved.has(section);
  }
}
showAsked();
document.addEventListener("change", showAsked);

// A new arm, outcome or time point hands the cursor to its first question.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!detail.target.matches(".repeated-items")) return;
  showAsked();
  detail.target.lastElementChild?.querySelector("section input:not([type='hidden']), section textarea")?.focus();
});

document.addEventListener("input", ({ target }) => {
  const row = target.closest?.("[data-rows] tr");
  if (!row || row.nextElementSibling) return;
  const fresh = row.cloneNode(true);
  for (const cell of fresh.querySelectorAll("input")) cell.value = "";
  row.after(fresh);
});

// --- the adjudicator's keys ---------------------------------------------------------------------------

const deck = document.querySelector("[data-adjudicate]");
const cards = () => [...deck.querySelectorAll(".verdict-card")];
const current = () => document.activeElement?.closest?.(".verdict-card") ?? deck.querySelector("[data-open]");

function step(places) {
  const all = cards();
  const here = all.indexOf(document.activeElement?.closest?.(".verdict-card"));
  all[Math.min(Math.max(here + places, 0), all.length - 1)]?.focus();
}

function press(key) {
  const card = current();
  if (!card) return false;
  const button = card.querySelector(`[data-key="${key}"]`);
  if (button) {
    button.click();
    return true;
  }
  const other = card.querySelector(`[data-other="${key}"]`);
  if (!other) return false;
  other.open = true;
  other.querySelector("input, textarea")?.focus();
  return true;
}

if (deck) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type='radio'], [type='checkbox']), textarea, select, dialog")) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (!["1", "2", "3", "4"].includes(key) || !press(key)) return;
    event.preventDefault();
  });
  // A settled card hands the cursor to the next one that is open.
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const card = document.getElementById(detail.target.id);
    if (!card?.matches(".verdict-card")) return;
    if (card.hasAttribute("data-open")) card.focus();
    else deck.querySelector("[data-open]")?.focus();
  });
  deck.querySelector("[data-open]")?.focus({ preventScroll: true });
}
