// The reviewer's page. The next reports are here already and answers go out in the background
// (outbox.js), so that the next report is on the screen one frame after the key.

import { Keys } from "./keys.js";
import { Outbox } from "./outbox.js";

const page = JSON.parse(document.getElementById("screening-data").textContent);
const one = (selector) => document.querySelector(selector);
const SAID = { include: "Included", maybe: "Maybe", exclude: "Excluded" };

const form = one("#answer");
const note = one("#note");
const refusedKey = `concord:refused:${page.user}:${page.review}:${page.stage}`;

let queue = []; // reports to decide on; the first is on the screen
const past = page.earlier.toReversed(); // decided, the last one last: what undo goes back to
let { left, done } = page;
let changing = page.changing; // the answer that is being changed, when the page was opened for that
let isLoading = false;
let isExhausted = false;
let wantsNetwork = false;
let sinceAsked = 0; // answers given, less those taken back, since the server was last asked

// --- talking to the server -----------------------------------------------------------------------

function csrfToken() {
  // The cookie is newer than the page after signing in again in another tab.
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? window.concord.csrfToken();
}

async function sentence(response) {
  const text = await response.text();
  try {
    const body = JSON.parse(text);
    return body.detail ? body : { detail: "The server refused it.", ...body };
  } catch {
    const said = new DOMParser().parseFromString(text, "text/html").querySelector("[data-say]");
    return { detail: said?.textContent.trim() || "The server refused it." };
  }
}

async function send(entry) {
  const response = await fetch(entry.url, {
    method: "POST",
    redirect: "manual",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "Idempotency-Key": entry.key },
    body: JSON.stringify({ ...entry.body, held: queue.slice(1).map((card) => card.id) }),
  });
  if (response.type === "opaqueredirect") return { status: 401 }; // to the sign-in page
  return { status: response.status, body: response.ok ? await response.json() : await sentence(response) };
}

const outbox = new Outbox(`concord:outbox:${page.user}:${page.review}:${page.stage}`, send);

function pendingReports() {
  return new Set(outbox.entries.filter((entry) => entry.kind === "decide").map((entry) => entry.body.report));
}

// --- the card on the screen ------------------------------------------------------------------------

function fill(selector, text) {
  const element = one(selector);
  element.textContent = text;
  element.hidden = !text;
}

function show() {
  const card = queue[0];
  one("[data-deciding]").hidden = !card;
  one("[data-nothing]").hidden = Boolean(card) || !isExhausted;
  one("[data-waiting-for-network]").hidden = Boolean(card) || isExhausted || !wantsNetwork;
  one("[data-left]").textContent = Math.max(left, 0);
  one("[data-done]").textContent = done;
  const bar = one("[data-progress]");
  bar.max = Math.max(left + done, 1);
  bar.value = done;
  one("[data-undo]").disabled = !past.length;
  if (!card) return;
  one("[data-report-title]").textContent = card.title;
  fill("[data-authors]", card.authors.join("; "));
  one("[data-journal]").textContent = card.journal;
  one("[data-year]").textContent = card.year ?? "";
  fill("[data-doi]", card.doi_url ? `doi:${card.doi}` : "");
  one("[data-doi]").href = card.doi_url;
  fill("[data-abstract]", card.abstract);
  one("[data-no-abstract]").hidden = Boolean(card.abstract);
  fill("[data-keywords]", card.keywords.join(" · "));
  one("[data-report]").value = card.id;
  one("[data-served]").value = card.served_at;
  for (const button of form.querySelectorAll("[aria-pressed]")) button.removeAttribute("aria-pressed");
  one("[data-changing]")?.remove();
  scrollTo(0, 0);
  showDocument(card);
}

const documents = new Map(); // report id -> promise of its pane, for the reports ahead

function documentOf(card) {
  if (!documents.has(card.id)) {
    const address = page.urls.document.replace(/0\/$/, `${card.id}/`);
    const asked = fetch(address).then((response) => (response.ok ? response.text() : ""));
    asked.catch(() => documents.delete(card.id));
    documents.set(card.id, asked);
  }
  return documents.get(card.id);
}

async function showDocument(card) {
  const pane = one("[data-document]");
  if (!pane) return;
  pane.replaceChildren();
  const html = await documentOf(card).catch(() => "");
  if (queue[0] !== card) return;
  // Our own server's piece; the policy lets no script in it run.
  pane.innerHTML = html;
  if (queue[1]) documentOf(queue[1]).catch(() => "");
}

// --- deciding and undoing ----------------------------------------------------------------------------

function say(words) {
  one("[data-said]").textContent = words;
}

function decide(verdict, reason = null) {
  const card = queue[0];
  if (!card) return;
  if (verdict === "exclude" && !reason && page.stage === "fulltext") {
    window.concord.say("An exclusion at full text needs its reason: press its number, or click on it.", "warning");
    one("[data-reason]")?.focus();
    return;
  }
  const entry = outbox.put({
    kind: "decide",
    url: page.urls.decide,
    title: card.title,
    body: { report: card.id, verdict, reason, note: note.value, served_at: card.served_at },
  });
  past.push({ card, verdict, note: note.value, key: entry.key });
  queue.shift();
  note.value = "";
  if (changing) changing = null;
  else count(1);
  show();
  const because = reason ? `, ${page.reasons.find((each) => each.id === reason)?.label}` : "";
  say(`${SAID[verdict]}${because}. ${queue[0] ? `Next: ${queue[0].title}` : "No more reports here."}`);
  refill();
}

function count(answers) {
  done += answers;
  left -= answers;
  sinceAsked += answers;
}

function undo() {
  const last = past.pop();
  if (!last) return;
  const wasStillHere = last.key && outbox.takeOut(last.key);
  if (!wasStillHere) {
    outbox.put({ kind: "undo", url: page.urls.undo, title: last.card.title, body: { report: last.card.id } });
  }
  queue = [last.card, ...queue.filter((card) => card.id !== last.card.id)];
  count(-1);
  changing = null;
  show();
  note.value = last.note ?? "";
  say(`Taken back: ${SAID[last.verdict].toLowerCase()}. Back to: ${last.card.title}`);
}

outbox.addEventListener("taken", ({ detail: { body } }) => {
  const gone = new Set(body.gone ?? []);
  if (!gone.size) return;
  // Others were enough in the meantime. What is on the screen stays: nobody reads a moving page.
  queue = queue.filter((card, place) => place === 0 || !gone.has(card.id));
  refill();
});

outbox.addEventListener("refused", ({ detail: { entry, body } }) => {
  const at = past.findIndex((each) => each.key === entry.key);
  if (at >= 0) past.splice(at, 1);
  if (entry.kind === "decide") done -= 1;
  const answer = entry.kind === "undo" ? "undo" : (SAID[entry.body.verdict] ?? "").toLowerCase();
  const words = entry.body.note ? ` Your note: “${entry.body.note}”` : "";
  keepRefused([...refused(), `${entry.title} (${answer}): ${body.detail}${words}`]);
  show();
});

outbox.addEventListener("change", () => {
  showSaved();
  // What another tab has decided needs no second answer here.
  const pending = pendingReports();
  queue = queue.filter((card, place) => place === 0 || !pending.has(card.id));
});

function showSaved() {
  const n = outbox.size;
  const state = one("[data-saved]");
  state.hidden = false;
  state.dataset.state = n && outbox.trouble ? "failed" : n ? "waiting" : "saved";
  state.textContent = n ? `${n} not saved yet${outbox.trouble ? `. ${outbox.trouble}` : ""}` : "All saved";
}

// --- answers that were not taken stay on the page until their maker has seen them -----------------------

let refusedHere = [];

function refused() {
  try {
    return JSON.parse(localStorage.getItem(refusedKey) ?? "[]");
  } catch {
    return refusedHere;
  }
}

function keepRefused(lines) {
  refusedHere = lines;
  try {
    if (lines.length) localStorage.setItem(refusedKey, JSON.stringify(lines));
    else localStorage.removeItem(refusedKey);
  } catch {
    // Kept in refusedHere for as long as the page is open.
  }
  showRefused(lines);
}

function showRefused(lines) {
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

one("[data-seen]").addEventListener("click", () => keepRefused([]));

// --- the reports ahead ------------------------------------------------------------------------------------

async function refill() {
  if (isLoading || queue.length > page.heldAhead / 2 || (isExhausted && queue.length)) return;
  isLoading = true;
  let again = 0;
  try {
    const held = queue.map((card) => card.id).join(",");
    const decided = [...pendingReports()].join(","); // on their way: the server may have them or not
    sinceAsked = 0;
    const response = await fetch(`${page.urls.next}?without=${held}&decided=${decided}`, { redirect: "manual" });
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    const answer = await response.json();
    wantsNetwork = false;
    // While that was under way more may have been decided, or taken back.
    const known = new Set([...queue.map((card) => card.id), ...pendingReports()]);
    const fresh = answer.records.filter((card) => !known.has(card.id));
    const wasEmpty = !queue.length;
    queue.push(...fresh);
    isExhausted = answer.records.length < page.heldAhead;
    left = answer.left - sinceAsked;
    if (fresh.length && queue.length <= page.heldAhead / 2 && !isExhausted) again = 1;
    if (wasEmpty) show();
    else one("[data-left]").textContent = Math.max(left, 0);
  } catch {
    wantsNetwork = true;
    again = 2000;
    if (!queue.length) show();
  }
  isLoading = false;
  if (again) setTimeout(refill, again);
}

addEventListener("online", refill);

// --- buttons and keys ---------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
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
  try {
    localStorage.setItem("concord:criteria", isFolded ? "folded" : "open");
  } catch {
    // The choice lasts for this page.
  }
}

function writeNote() {
  note.focus();
  note.scrollIntoView({ block: "center" });
}

const keys = new Keys();
keys.add("i", "Include", () => decide("include"));
if (one(".btn-maybe")) keys.add("m", "Maybe", () => decide("maybe"));
keys.add("e", "Exclude", () => decide("exclude"));
page.reasons.slice(0, 9).forEach((reason, place) => {
  keys.add(String(place + 1), `Exclude: ${reason.label}`, () => decide("exclude", reason.id));
});
keys.add("u", "Undo: go back to the last report", undo);
keys.add("n", "Write a note (Escape leaves it)", writeNote);
keys.add("c", "Fold or open the criteria", toggleCriteria);
keys.add("?", "Show these keys", () => one("#keys").showModal());
keys.listen();
keys.describe(one("[data-keys]"));

note.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  note.blur();
  one("[data-report-title]").focus({ preventScroll: true });
});
for (const button of document.querySelectorAll("[data-do]")) {
  button.hidden = false;
  button.addEventListener("click", () => (button.dataset.do === "note" ? writeNote() : one("#keys").showModal()));
}
try {
  one("[data-criteria]").classList.toggle("is-folded", localStorage.getItem("concord:criteria") === "folded");
} catch {
  // They stay open.
}

// --- begin -----------------------------------------------------------------------------------------------------

const waiting = pendingReports(); // decided before, in this browser, and not sent yet
queue = page.cards.filter((card) => !waiting.has(card.id));
left -= page.cards.length - queue.length;
isExhausted = !page.cards.length;
if (queue[0]?.id !== page.cards[0]?.id) show();
else one("[data-undo]").disabled = !past.length;
showSaved();
showRefused(refused());
outbox.hurry();
refill();
