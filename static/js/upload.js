// Drop files anywhere on the page; say at once what is too large or no export; guess each one's
// source; send them one by one and show how far each is. The form works without this.

const form = document.querySelector("form[data-drop]");
const input = form.querySelector('input[type="file"]');
const source = form.querySelector('select[name="source"]');
const details = document.getElementById("new-source");
const single = form.querySelector("[data-single]");
const several = form.querySelector("[data-several]");
const list = several.querySelector("ul");
const saidHere = form.querySelector("[data-said]");
const button = form.querySelector(".btn-primary");
const freshName = form.querySelector('[name="new-name"]');
const freshKind = form.querySelector('[name="new-kind"]');
const limit = Number(input.dataset.limitMb);
const HEAD = 256 * 1024; // bytes that tell what a file is

let rows = []; // of several files: {file, element, state}; state is waiting, sending, done or failed
let touched = false; // whether the person has said where the one file came from
let sending = false;

const tooLarge = (file) => (file.size > limit * 1024 * 1024 ? `This file is larger than ${limit} MB, which is the limit here.` : "");
const inWords = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

function say(text) {
  saidHere.replaceChildren();
  if (!text) return;
  const note = document.createElement("div");
  note.className = "note note-error";
  note.setAttribute("role", "alert");
  const words = document.createElement("div");
  words.textContent = text;
  note.append(words);
  saidHere.append(note);
}

// Fields that are not shown must not hold the form back.
function enable(part, on) {
  for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !on;
}

function showSource() {
  details.hidden = source.value !== "";
  details.open = source.value === "";
  enable(details, !details.hidden && !single.hidden);
}

// --- What was chosen ------------------------------------------------------------------------------

async function guessOf(file) {
  const body = new FormData();
  body.append("name", file.name);
  body.append("head", file.slice(0, HEAD), "head");
  const headers = { "X-CSRFToken": window.concord.csrfToken() };
  try {
    const answer = await fetch(form.dataset.guess, { method: "POST", body, headers });
    return answer.ok ? await answer.json() : {};
  } catch {
    return {}; // sending will say that there is no connection
  }
}

function choose(files) {
  say("");
  if (files.length > 1) return chooseSeveral(files);
  rows = [];
  several.hidden = true;
  single.hidden = false;
  enable(single, true);
  showSource();
  const [file] = files;
  input.setCustomValidity(file ? tooLarge(file) : "");
  if (file && !input.reportValidity()) return;
  if (file) chooseOne(file);
}

async function chooseOne(file) {
  const guess = await guessOf(file);
  if (input.files[0] !== file) return;
  if (guess.refused) say(guess.refused);
  if (touched || freshName.value) return;
  if (guess.source) source.value = String(guess.source);
  else if (guess.name) [freshName.value, freshKind.value] = [guess.name, guess.kind];
  showSource();
}

function chooseSeveral(files) {
  input.setCustomValidity("");
  single.hidden = true;
  enable(single, false);
  several.hidden = false;
  rows = [...files].map(rowOf);
  list.replaceChildren(...rows.map((row) => row.element));
}

function rowOf(file) {
  const element = document.getElementById("send-row").content.firstElementChild.cloneNode(true);
  const row = { file, element, state: "waiting" };
  const part = (name) => element.querySelector(`.send-${name}`);
  part("name").textContent = part("whose").textContent = file.name;
  part("about").textContent = inWords(file.size);
  const pick = part("pick");
  pick.value = "";
  part("new-name").value = file.name.replace(/\.\w+$/, "").slice(0, 120);
  const show = () => (part("new").hidden = pick.value !== "");
  pick.addEventListener("change", show);
  for (const field of [pick, part("new-name")]) field.addEventListener("input", () => (row.touched = true));
  part("drop").addEventListener("click", () => {
    row.request?.abort();
    rows = rows.filter((each) => each !== row);
    element.remove();
    if (!rows.length) choose([]);
  });
  show();
  if (tooLarge(file)) tell(row, "failed", tooLarge(file));
  else {
    guessOf(file).then((guess) => {
      if (guess.format) part("about").textContent += ` · ${guess.format}`;
      if (guess.refused) tell(row, "failed", guess.refused);
      if (row.touched) return;
      if (guess.source) pick.value = String(guess.source);
      else if (guess.name) [part("new-name").value, part("new-kind").value] = [guess.name, guess.kind];
      show();
    });
  }
  return row;
}

function tell(row, state, text = "") {
  row.state = state;
  const said = row.element.querySelector(".send-said");
  said.textContent = text;
  said.classList.toggle("is-wrong", state === "failed");
  if (state === "failed") said.setAttribute("role", "alert");
  else said.removeAttribute("role");
  row.element.querySelector(".send-progress").hidden = state !== "sending";
  row.element.querySelector(".send-drop").hidden = state === "done";
  enable(row.element.querySelector(".send-source"), state === "waiting" || state === "failed");
}

// --- Sending --------------------------------------------------------------------------------------

// {status, body} of the answer; status 0 when the server was not reached. `hold` gets the request.
function send(body, progress, hold = () => {}) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    hold(request);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", window.concord.csrfToken());
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => progress(loaded, total);
    request.onload = () => done({ status: request.status, body: request.response ?? {} });
    request.onerror = request.onabort = () => done({ status: 0, body: {} });
    request.send(body);
  });
}

function sentenceOf({ status, body }) {
  if (body.detail) return body.detail;
  if (status === 0) return "The server was not reached. Nothing was stored; please try again.";
  if (status === 200 || status === 403) return "You are signed out, or may not import here. Reload the page and try again.";
  if (status === 413) return `This is more than ${limit} MB, which is the limit here.`;
  return "The server could not take this file. Please try again.";
}

async function sendOne() {
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", "Sending");
  saidHere.replaceChildren(bar);
  const words = new FormData(form);
  const answer = await send(words, (loaded, total) => Object.assign(bar, { max: total, value: loaded }));
  if (answer.body.url) return location.assign(answer.body.url);
  say(sentenceOf(answer));
  for (const name of Object.keys(answer.body.fields ?? {})) {
    const field = form.elements[name];
    if (!field) continue;
    field.setAttribute("aria-invalid", "true");
    field.addEventListener("input", () => field.removeAttribute("aria-invalid"), { once: true });
  }
  const first = form.querySelector("[aria-invalid]");
  (first ?? saidHere).scrollIntoView({ block: "center" });
  first?.focus();
}

async function sendRow(row) {
  const part = (name) => row.element.querySelector(`.send-${name}`);
  const body = new FormData();
  body.append("file", row.file, row.file.name);
  const name = part("new-name").value.trim();
  const twin = [...part("pick").options].find((each) => each.value && each.text.trim().toLowerCase() === name.toLowerCase());
  const chosen = part("pick").value || twin?.value || "";
  body.append("source", chosen);
  if (!chosen) {
    body.append("new-name", name);
    body.append("new-kind", part("new-kind").value);
  }
  tell(row, "sending");
  const bar = part("progress");
  bar.setAttribute("aria-label", `Sending ${row.file.name}`);
  const answer = await send(body, (loaded, total) => Object.assign(bar, { max: total, value: loaded }), (request) => (row.request = request));
  if (!answer.body.url) return tell(row, "failed", sentenceOf(answer));
  tell(row, "done", answer.body.known ? "This file was here already: nothing changed." : "Sent; it is being read.");
  row.url = answer.body.url;
  offer(answer.body.source);
}

// A source that one file has made is there for those that follow.
function offer({ id, name }) {
  for (const { element } of rows) {
    const pick = element.querySelector(".send-pick");
    if (![...pick.options].some((each) => each.value === String(id))) pick.add(new Option(name, id), 0);
  }
}

async function sendSeveral() {
  for (const row of [...rows]) {
    if (row.state !== "done" && rows.includes(row) && !tooLarge(row.file)) await sendRow(row);
  }
  if (!rows.length) return;
  if (rows.every((row) => row.state === "done")) return location.assign(form.dataset.imports);
  const wrong = rows.filter((row) => row.state !== "done").length;
  const one = wrong === 1;
  say(`${wrong} ${one ? "file was" : "files were"} not taken. Change what is wrong and send ${one ? "it" : "them"} again, or leave ${one ? "it" : "them"} out; the others wait to be looked at.`);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  say("");
  const waits = rows.some((row) => row.state !== "done");
  if (rows.length && !waits) return location.assign(form.dataset.imports);
  sending = true;
  button.disabled = true;
  form.setAttribute("aria-busy", "true");
  try {
    await (rows.length ? sendSeveral() : sendOne());
  } finally {
    sending = false;
    button.disabled = false;
    form.removeAttribute("aria-busy");
  }
});
addEventListener("beforeunload", (event) => {
  if (rows.some((row) => row.state === "sending")) event.preventDefault();
});

// --- Choosing and dropping ------------------------------------------------------------------------

input.addEventListener("change", () => choose(input.files));
source.addEventListener("change", () => {
  touched = true;
  showSource();
});
details.addEventListener("input", () => (touched = true));
for (const each of form.querySelectorAll("[data-noscript]")) each.hidden = true;
for (const each of form.querySelectorAll(".drop-words")) each.hidden = false;
showSource();
if (input.files.length) choose(input.files); // kept by the browser when the page was left

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  form.classList.remove("dropping");
  if (!event.dataTransfer?.files.length || sending) return;
  event.preventDefault();
  input.files = event.dataTransfer.files;
  choose(input.files);
});
