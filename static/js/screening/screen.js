// The reviewer's page. The next reports are here already and answers go out in the background
// (outbox.js), so that the next report is on the screen one frame after the key.

import { Keys } from "./keys.js";
import { List } from "./list.js";
import { Outbox } from "./outbox.js";
import { Words } from "./words.js";

const page = JSON.parse(document.getElementById("screening-data").textContent);
const one = (selector) => document.querySelector(selector);
const SAID = { include: "Included", maybe: "Maybe", exclude: "Excluded", awaiting: "Awaiting classification", ongoing: "Ongoing study" };

const form = one("#answer");
const note = one("#note");
const refusedKey = `concord:refused:${page.user}:${page.review}:${page.stage}`;

// Small choices of this browser. Where it keeps nothing they last as long as the page.
function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It lasts for this page.
  }
}

let queue = []; // reports to decide on
let at = 0; // which of them is on the screen: the first, or in the list whichever was chosen
let isList = page.stage === "abstract" && !page.changing && remembered("concord:list") === "on";
const past = page.earlier.toReversed(); // decided, the last one last: what undo goes back to
let { left, done } = page;
let changing = page.changing; // the answer that is being changed, when the page was opened for that
let isLoading = false;
let isExhausted = false;
let wait = page.wait; // seconds until a report that others hold may come free; null: none is held
let wantsNetwork = false;
let sinceAsked = 0; // answers given, less those taken back, since the server was last asked

const current = () => queue[at];
const ahead = () => (isList ? page.listAhead : page.heldAhead);

// Keep those of the queue that pass `test`. What is on the screen stays: nobody reads a moving page.
function keepInQueue(test) {
  const card = current();
  const kept = queue.filter((each) => each === card || test(each));
  for (const each of queue) if (!kept.includes(each)) list.drop(each.id);
  queue = kept;
  at = Math.max(queue.indexOf(card), 0);
}

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
    body: JSON.stringify({ ...entry.body, held: queue.filter((card) => card !== current()).map((card) => card.id) }),
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

const words = new Words(page.words);
let marksWords = remembered("concord:words") !== "off";

// What one reads of a report, with the words to look for marked in it.
function showText(card) {
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
  if (marksWords) for (const element of [one("[data-report-title]"), one("[data-abstract]"), keywords]) words.mark(element);
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

function toggleWords() {
  marksWords = !marksWords;
  remember("concord:words", marksWords ? "on" : "off");
  showToggles();
  if (current()) showText(current());
  showList({ anew: true });
}

function showToggles() {
  const button = one("[data-do='highlight']");
  button.hidden = !words.any;
  button.setAttribute("aria-pressed", String(marksWords));
  one("[data-do='list']").setAttribute("aria-pressed", String(isList));
  one("[data-card]").hidden = isList;
  one("[data-list]").hidden = !isList;
}

function show() {
  const card = current();
  one("[data-deciding]").hidden = !card;
  one("[data-nothing]").hidden = Boolean(card) || !isExhausted || wait !== null;
  one("[data-with-others]").hidden = Boolean(card) || !isExhausted || wait === null;
  one("[data-waiting-for-network]").hidden = Boolean(card) || isExhausted || !wantsNetwork;
  one("[data-left]").textContent = Math.max(left, 0);
  one("[data-done]").textContent = done;
  const bar = one("[data-progress]");
  bar.max = Math.max(left + done, 1);
  bar.value = done;
  one("[data-undo]").disabled = !past.length;
  if (!card) return;
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
  if (one("[data-duplicate]")) one("[data-duplicate]").href = `${address("report", card.id)}#duplicate`;
  for (const field of document.querySelectorAll("input[data-report]")) field.value = card.id;
  showLabels(card);
  one("[data-served]").value = card.served_at;
  for (const button of form.querySelectorAll("[aria-pressed]")) button.removeAttribute("aria-pressed");
  one("[data-changing]")?.remove();
  if (askedAbout !== card.id) {
    askedAbout = card.id;
    answerWith({});
  }
  if (isList) showList();
  else scrollTo(0, 0);
  showDocument(card);
}

function address(name, id) {
  return page.urls[name].replace(/\/0\//, `/${id}/`);
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

// --- the list -------------------------------------------------------------------------------------

const list = new List(one("[data-list]"), (element) => marksWords && words.mark(element));

function showList({ anew = false } = {}) {
  if (!isList) return;
  if (anew) list.clear();
  list.hold(queue);
  list.point(current());
}

function toggleList() {
  if (page.stage !== "abstract") return;
  isList = !isList;
  remember("concord:list", isList ? "on" : "off");
  if (isList) isExhausted = false; // a list holds more: there may be more to have
  // One report at a time goes on with the one that was chosen in the list.
  else queue = [current(), ...queue.filter((card) => card !== current())].filter(Boolean);
  if (!isList) at = 0;
  list.clear();
  showToggles();
  show();
  say(isList ? "A list of titles" : "One report at a time");
  refill();
}

function choose(card) {
  const place = queue.indexOf(card);
  if (place < 0) return false;
  at = place;
  show();
  return true;
}

function move(by) {
  if (!isList || !queue[at + by]) return;
  choose(queue[at + by]);
  say(current().title);
}

list.addEventListener("choose", ({ detail: { card } }) => {
  choose(card);
  list.toggle(card.id);
});
list.addEventListener("answer", ({ detail: { card, verdict } }) => choose(card) && decide(verdict));

// --- labels --------------------------------------------------------------------------------------

const chips = one("[data-labels]");

function showLabels(card) {
  for (const chip of chips.children) chip.setAttribute("aria-pressed", String(card.labels.includes(chip.value)));
  fill("[data-labels-of-others]", card.labels_of_others.length ? `From others: ${card.labels_of_others.join(", ")}` : "");
}

function chipOf(name) {
  const same = [...chips.children].find((chip) => chip.value.toLowerCase() === name.toLowerCase());
  if (same) return same;
  const chip = document.createElement("button");
  chip.className = "chip";
  chip.name = "label";
  chip.value = name;
  chip.setAttribute("form", "labels-given");
  chip.dir = "auto";
  chip.textContent = name;
  chips.append(chip);
  const option = document.createElement("option");
  option.value = name;
  one("#label-names").append(option);
  return chip;
}

function withPendingLabels(card) {
  for (const { kind, body } of outbox.entries) {
    if (kind !== "label" || body.report !== card.id) continue;
    card.labels = card.labels.filter((name) => name !== body.label);
    if (body.on) card.labels.push(body.label);
  }
  return card;
}

// Put a label on the report on the screen; when it is there already, take it off.
function label(typed) {
  const card = current();
  const words = typed.trim().replace(/\s+/g, " ");
  if (!card || !words) return;
  const name = chipOf(words).value;
  const on = !card.labels.includes(name);
  outbox.put({
    kind: "label",
    url: page.urls.label,
    title: card.title,
    body: { report: card.id, label: name, on },
  });
  card.labels = on ? [...card.labels, name] : card.labels.filter((each) => each !== name);
  showLabels(card);
  say(on ? `Label put on: ${name}` : `Label taken off: ${name}`);
}

for (const labelForm of [one("#labels"), one("#labels-given")]) {
  labelForm.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = one("#label");
    label(event.submitter?.matches(".chip") ? event.submitter.value : input.value);
    input.value = "";
  });
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
  if (current() !== card) return;
  // Our own server's piece; the policy lets no script in it run.
  pane.innerHTML = html;
  if (queue[1]) documentOf(queue[1]).catch(() => "");
}

// --- deciding and undoing ----------------------------------------------------------------------------

function say(words) {
  one("[data-said]").textContent = words;
}

// Further reasons of an exclusion, at full text.
const boxes = [...document.querySelectorAll("[data-others] input")];
const ticked = () => boxes.filter((box) => box.checked).map((box) => Number(box.value));
const tick = (ids) => boxes.forEach((box) => (box.checked = ids.includes(Number(box.value))));

// --- a question for each criterion ---------------------------------------------------------------------

const questions = [...document.querySelectorAll("[data-question]")];
let asking = 0; // which of them a key answers
let askedAbout = page.cards[0]?.id; // the report that the answers on the page are about

const answerTo = (question) => question.querySelector("input:checked")?.value ?? "";
const answersGiven = () =>
  Object.fromEntries(questions.filter(answerTo).map((question) => [question.dataset.question, answerTo(question)]));

function ask(place) {
  asking = place;
  questions.forEach((question, nth) => question.toggleAttribute("data-asking", nth === place));
}

// The first from `place` on, round the list, that has no answer; else the one at `place`.
function openFrom(place) {
  const order = questions.map((_, step) => (place + step) % questions.length);
  return order.find((nth) => !answerTo(questions[nth])) ?? place % questions.length;
}

function answerWith(given) {
  if (!questions.length) return;
  for (const question of questions) {
    for (const radio of question.querySelectorAll("input")) radio.checked = given[question.dataset.question] === radio.value;
  }
  ask(openFrom(0));
  propose();
}

function answer(says) {
  const question = questions[asking];
  if (!question || !current()) return;
  question.querySelector(`input[value=${says}]`).checked = true;
  one("[data-criteria]").classList.remove("is-folded");
  ask(openFrom(asking + 1));
  propose();
  say(`${says}: ${question.querySelector("legend").textContent.trim()}. ${one("[data-proposal]").textContent}`);
}

function skip() {
  ask((asking + 1) % questions.length);
  say(questions[asking].querySelector("legend").textContent.trim());
}

// What the answers speak for: one criterion that speaks against a report is enough, and for it all
// have to. It marks a button; the person decides.
function propose() {
  const said = questions.map((question) => [question.dataset.kind, answerTo(question)]);
  const isAgainst = said.some(([kind, says]) => says === (kind === "inclusion" ? "no" : "yes"));
  const isComplete = said.every(([, says]) => says);
  const isUnclear = said.some(([, says]) => says === "unclear");
  let verdict = "";
  if (isAgainst) verdict = "exclude";
  else if (isComplete) verdict = isUnclear ? "maybe" : "include";
  const button = verdict && form.querySelector(`[value=${verdict}]`);
  for (const each of form.querySelectorAll("[name=verdict]")) each.toggleAttribute("data-proposed", each === button);
  one("[data-proposal]").textContent = button
    ? `Your answers speak for: ${button.dataset.word.toLowerCase()}. The decision stays yours.`
    : "Answer what you can; the decision stays yours.";
}

for (const [place, question] of questions.entries()) {
  question.addEventListener("change", () => {
    ask(openFrom(place + 1));
    propose();
  });
}

function decide(verdict, reason = null) {
  const card = current();
  if (!card) return;
  if (verdict === "exclude" && !reason && page.stage === "fulltext") {
    window.concord.say("An exclusion at full text needs its reason: press its number, or click on it.", "warning");
    one("[data-reason]")?.focus();
    return;
  }
  const criteria = answersGiven();
  const others = verdict === "exclude" ? ticked().filter((each) => each !== reason) : [];
  const entry = outbox.put({
    kind: "decide",
    url: page.urls.decide,
    title: card.title,
    body: { report: card.id, verdict, reason, ...(others.length && { others }), ...(Object.keys(criteria).length && { criteria }), note: note.value, served_at: card.served_at },
  });
  past.push({ card, verdict, note: note.value, others, criteria, key: entry.key });
  tick([]);
  queue.splice(at, 1);
  at = Math.min(at, Math.max(queue.length - 1, 0));
  note.value = "";
  if (changing) changing = null;
  else count(1);
  const because = reason ? `, ${page.reasons.find((each) => each.id === reason)?.label}` : "";
  list.answered(card.id, verdict, SAID[verdict] + because);
  show();
  say(`${SAID[verdict]}${because}. ${current() ? `Next: ${current().title}` : "No more reports here."}`);
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
  if (last.joined) {
    part(last);
    return;
  }
  const wasStillHere = last.key && outbox.takeOut(last.key);
  if (!wasStillHere) {
    outbox.put({ kind: "undo", url: page.urls.undo, title: last.card.title, body: { report: last.card.id } });
  }
  queue = [last.card, ...queue.filter((card) => card.id !== last.card.id)];
  at = 0;
  if (isList) {
    list.answered(last.card.id, "", "");
    list.hold([last.card]);
    const order = list.order;
    queue.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
    at = queue.indexOf(last.card);
  }
  count(-1);
  changing = null;
  show();
  note.value = last.note ?? "";
  tick(last.others ?? []);
  answerWith(last.criteria ?? {});
  say(`Taken back: ${SAID[last.verdict].toLowerCase()}. Back to: ${last.card.title}`);
}

outbox.addEventListener("taken", ({ detail: { body } }) => {
  const gone = new Set(body.gone ?? []);
  if (!gone.size) return;
  keepInQueue((card) => !gone.has(card.id)); // others were enough in the meantime
  refill();
});

outbox.addEventListener("refused", ({ detail: { entry, body } }) => {
  const at = past.findIndex((each) => each.key === entry.key);
  if (at >= 0) past.splice(at, 1);
  if (entry.kind === "decide") {
    done -= 1;
    list.answered(entry.body.report, "", "Not taken");
  }
  const answers = { undo: "undo", label: `label “${entry.body.label}”` };
  const answer = answers[entry.kind] ?? (SAID[entry.body.verdict] ?? "").toLowerCase();
  const words = entry.body.note ? ` Your note: “${entry.body.note}”` : "";
  keepRefused([...refused(), `${entry.title} (${answer}): ${body.detail}${words}`]);
  show();
});

outbox.addEventListener("change", () => {
  showSaved();
  // What another tab has decided needs no second answer here.
  const pending = pendingReports();
  keepInQueue((card) => !pending.has(card.id));
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

const LOOK_AGAIN = 20; // seconds at the most between two looks while others hold what is left

async function refill() {
  if (isLoading || queue.length > ahead() / 2 || (isExhausted && queue.length)) return;
  isLoading = true;
  let again = 0;
  try {
    const held = queue.map((card) => card.id).join(",");
    const decided = [...pendingReports()].join(","); // on their way: the server may have them or not
    const asked = ahead();
    sinceAsked = 0;
    const response = await fetch(`${page.urls.next}?without=${held}&decided=${decided}&limit=${asked}`, { redirect: "manual" });
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    const answer = await response.json();
    wantsNetwork = false;
    // While that was under way more may have been decided, or taken back.
    const known = new Set([...queue.map((card) => card.id), ...pendingReports()]);
    const fresh = answer.records.filter((card) => !known.has(card.id)).map(withPendingLabels);
    const wasEmpty = !queue.length;
    queue.push(...fresh);
    isExhausted = answer.records.length < asked && asked === ahead();
    wait = answer.wait ?? null;
    if (!queue.length && !fresh.length && wait !== null) again = 1000 * Math.min(wait + 1, LOOK_AGAIN);
    left = answer.left - sinceAsked;
    if (fresh.length && queue.length <= ahead() / 2 && !isExhausted) again = 1;
    if (wasEmpty) show();
    else if (fresh.length) showList();
    if (!wasEmpty) one("[data-left]").textContent = Math.max(left, 0);
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

// --- "duplicate of …" -----------------------------------------------------------------------------------------
// Not an answer: it goes straight to the server, and the report leaves the queue when it has been taken.

const finder = one("#duplicate");
const found = one("[data-found]");
const foundSays = one("[data-found-says]");
let lastSearch = 0;

function openFinder() {
  if (!current() || !finder) return;
  finder.showModal();
  const input = finder.querySelector("input");
  input.value = "";
  input.focus();
  found.replaceChildren();
  foundSays.textContent = "Type two or three words of the other report.";
}

async function search(words) {
  const mine = ++lastSearch;
  const card = current();
  if (!words.trim() || !card) {
    found.replaceChildren();
    return;
  }
  let reports;
  try {
    const response = await fetch(`${address("others", card.id)}?q=${encodeURIComponent(words)}`, { redirect: "manual" });
    if (!response.ok) throw new Error(String(response.status));
    ({ reports } = await response.json());
  } catch {
    if (mine === lastSearch) foundSays.textContent = "No connection: the search was not sent.";
    return;
  }
  if (mine !== lastSearch) return; // a later search is under way
  foundSays.textContent = reports.length ? "" : "No other report holds all these words.";
  found.replaceChildren(
    ...reports.map((report, place) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "item";
      const cap = document.createElement("kbd");
      cap.textContent = place + 1;
      const words_ = document.createElement("span");
      words_.dir = "auto";
      words_.textContent = report.title;
      const says = document.createElement("span");
      says.className = "sub";
      says.textContent = report.says;
      words_.append(says);
      button.append(cap, words_);
      button.addEventListener("click", () => join(card, report));
      item.append(button);
      return item;
    }),
  );
}

async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json", ...headers },
    body,
  });
  if (response.ok) return response.json();
  throw new Error((await sentence(response)).detail);
}

async function join(card, other) {
  finder.close();
  let told;
  try {
    told = await post(address("duplicate", card.id), new URLSearchParams({ other: other.id, stage: page.stage }));
  } catch (problem) {
    window.concord.say(problem instanceof TypeError ? "No connection: the two were not joined." : problem.message, "error");
    return;
  }
  const entry = { card, joined: told.merge, fewer: told.fewer, others: queue.filter((each) => each.id === other.id) };
  past.push(entry);
  const here = new Set([card.id, other.id]);
  queue = queue.filter((each) => !here.has(each.id));
  at = Math.min(at, Math.max(queue.length - 1, 0));
  if (told.card) queue.splice(at, 0, told.card);
  left -= told.fewer;
  changing = null;
  note.value = "";
  show();
  showList({ anew: true });
  window.concord.say(`Joined with “${other.title}”.`, "success", { label: "Undo", run: () => part(entry) });
  say(`Joined. ${current() ? `Next: ${current().title}` : "No more reports here."}`);
  refill();
}

async function part(entry) {
  const place = past.indexOf(entry);
  if (place >= 0) past.splice(place, 1);
  try {
    await post(address("part", entry.joined), "{}", { "Content-Type": "application/json" });
  } catch (problem) {
    window.concord.say(problem instanceof TypeError ? "No connection: the join was not undone." : problem.message, "error");
    return;
  }
  const back = [entry.card, ...entry.others];
  const ids = new Set(back.map((each) => each.id));
  queue = [...back, ...queue.filter((each) => !ids.has(each.id))];
  at = 0;
  left += entry.fewer;
  show();
  showList({ anew: true });
  say(`Parted again. Back to: ${entry.card.title}`);
}

// --- a report that is not for me ------------------------------------------------------------------------------

async function recuse() {
  const card = current();
  if (!card) return;
  let told;
  try {
    told = await post(page.urls.recuse, new URLSearchParams({ report: card.id }));
  } catch (problem) {
    window.concord.say(problem instanceof TypeError ? "No connection: nothing was declared." : problem.message, "error");
    return;
  }
  queue = queue.filter((each) => each.id !== card.id);
  list.drop(card.id);
  at = Math.min(at, Math.max(queue.length - 1, 0));
  left -= 1;
  note.value = "";
  changing = null;
  show();
  window.concord.say(`Left to others: “${card.title}”.`, "success", { label: "Undo", run: () => unrecuse(card, told.interests[0]) });
  say(`Left to others. ${current() ? `Next: ${current().title}` : "No more reports here."}`);
  refill();
}

async function unrecuse(card, interest) {
  try {
    await post(address("takeBack", interest), new URLSearchParams());
  } catch (problem) {
    window.concord.say(problem instanceof TypeError ? "No connection: it was not taken back." : problem.message, "error");
    return;
  }
  queue = [card, ...queue.filter((each) => each.id !== card.id)];
  at = 0;
  left += 1;
  show();
  showList({ anew: true });
  say(`Back to: ${card.title}`);
}

one("#recuse").addEventListener("submit", (event) => {
  event.preventDefault();
  recuse();
});

if (finder) {
  let pause = 0;
  finder.querySelector("input").addEventListener("input", ({ target }) => {
    clearTimeout(pause);
    pause = setTimeout(() => search(target.value), 150);
  });
  one("[data-find]").addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector("button")?.focus();
  });
  finder.addEventListener("keydown", (event) => {
    const buttons = [...found.querySelectorAll("button")];
    const chosen = buttons.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const to = chosen + (event.key === "ArrowDown" ? 1 : -1);
      (buttons[to] ?? (to < 0 ? finder.querySelector("input") : buttons.at(-1)))?.focus();
    } else if (chosen >= 0 && /^[1-8]$/.test(event.key)) buttons[Number(event.key) - 1]?.click();
  });
  one("[data-duplicate]").addEventListener("click", (event) => {
    event.preventDefault();
    openFinder();
  });
}

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
if (questions.length) {
  for (const says of ["yes", "no", "unclear"]) keys.give(says, `To the criterion that is next: ${says}`, () => answer(says));
  keys.give("skip", "Leave that criterion, go to the one after", skip);
  ask(openFrom(0));
  propose();
}
keys.give("undo", "Undo: go back to the last report", undo);
if (finder) keys.give("duplicate", "Duplicate of another report …", openFinder);
keys.give("note", "Write a note (Escape leaves it)", writeNote);
keys.give("label", "Give a label, or take it off (Enter; Escape leaves it)", writeLabel);
keys.give("criteria", "Fold or open the criteria", toggleCriteria);
if (words.any) keys.give("highlight", "Mark the words to look for, or not", toggleWords);
if (page.stage === "abstract") {
  keys.give("list", "One report, or a list of titles", toggleList);
  keys.give("down", "In the list: next report", () => move(1));
  keys.give("up", "In the list: report before", () => move(-1));
  keys.give("open", "In the list: open or close the abstract", () => isList && current() && list.toggle(current().id));
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
const BUTTONS = { note: writeNote, label: writeLabel, keys: () => one("#keys").showModal(), highlight: toggleWords, list: toggleList,
  criteria: () => toggleSheet("criteria"), reasons: () => toggleSheet("reasons") };
for (const button of document.querySelectorAll("[data-do]")) {
  button.hidden = button.dataset.do === "list" && page.stage !== "abstract";
  button.addEventListener("click", () => BUTTONS[button.dataset.do]());
}
one("[data-criteria]").classList.toggle("is-folded", remembered("concord:criteria") === "folded");

// --- begin -----------------------------------------------------------------------------------------------------

const waiting = pendingReports(); // decided before, in this browser, and not sent yet
queue = page.cards.filter((card) => !waiting.has(card.id)).map(withPendingLabels);
left -= page.cards.length - queue.length;
isExhausted = !page.cards.length;
showToggles();
if (current()?.id !== page.cards[0]?.id || isList) show();
else {
  one("[data-undo]").disabled = !past.length;
  if (current()) {
    showText(current());
    showLabels(current());
  }
}
showSaved();
showRefused(refused());
outbox.hurry();
refill();
