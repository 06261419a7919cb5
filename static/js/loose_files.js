// Drop files anywhere on the page; they are sent one by one, so that a lost connection loses one of
// them and not two hundred. In the tray: keys for the file that is current. Works without this.

const form = document.querySelector("form[data-files]");
const input = form.querySelector('input[type="file"]');
const said = form.querySelector(".files-said");
const bar = form.querySelector(".files-progress");
const refused = form.querySelector(".files-refused");
const limit = Number(form.dataset.limitMb) * 1024 * 1024;
const folder = form.querySelector("[data-folder]");
// Of a folder only what can be meant is sent: reference managers keep their own files beside it.
const MEANT = /\.(pdf|docx?|html?|mhtml?|zip|ris|xml|bib|bibtex|enw|json)$/i;
const LIBRARY = /\.(ris|xml|bib|bibtex|enw|json)$/i;
let sending = false;

function refuse(file, sentence) {
  const line = document.createElement("li");
  line.textContent = `${file.name}: ${sentence}`;
  refused.append(line);
  refused.hidden = false;
}

async function post(file, path, delivery) {
  const body = new FormData();
  body.append("file", file, file.name);
  if (path) body.append("path", path);
  if (delivery) body.append("delivery", delivery);
  const headers = { Accept: "application/json", "X-CSRFToken": window.concord.csrfToken() };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers });
      return { status: answer.status, ...(await answer.json().catch(() => ({}))) };
    } catch {
      await new Promise((go) => setTimeout(go, 800 * (attempt + 1)));
    }
  }
  return { status: 0 };
}

// `files` are {file, path}. Libraries go last: by then it is known which files their names can mean.
async function sendAll(all) {
  const isLibrary = ({ file }) => LIBRARY.test(file.name);
  const files = [...all.filter((each) => !isLibrary(each)), ...all.filter(isLibrary)];
  let delivery = "";
  let sent = 0;
  let lost = 0;
  bar.hidden = false;
  bar.max = files.length;
  for (const [at, { file, path }] of files.entries()) {
    said.textContent = `Sending ${at + 1} of ${files.length}`;
    bar.value = at;
    if (file.size > limit) {
      refuse(file, `This file is larger than ${form.dataset.limitMb} MB, which is the limit here.`);
      lost += 1;
      continue;
    }
    const answer = await post(file, path, delivery);
    if (answer.delivery) {
      delivery = answer.delivery;
      sent += 1;
    } else {
      lost += 1;
      refuse(file, answer.detail ?? (answer.status ? "The server could not take this file." : "The server was not reached."));
    }
  }
  bar.value = files.length;
  said.textContent = `${sent} sent${lost ? `, ${lost} not` : ""}.`;
  if (sent && !lost) location.assign(location.pathname);
}

async function send(files, leftOut = 0) {
  if (sending || !(files.length || leftOut)) return;
  sending = true;
  refused.replaceChildren();
  refused.hidden = true;
  try {
    if (files.length) await sendAll(files);
    else said.textContent = "This folder holds no PDF, Word file, saved page or library.";
  } finally {
    sending = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send([...input.files].map((file) => ({ file, path: "" })));
});

function sendFolder(all) {
  const meant = all.filter(({ file }) => MEANT.test(file.name) && !file.name.startsWith("."));
  return send(meant, all.length - meant.length);
}

folder.addEventListener("change", async () => {
  await sendFolder([...folder.files].map((file) => ({ file, path: file.webkitRelativePath })));
  folder.value = "";
});
const choose = form.querySelector("[data-choose-folder]");
choose.hidden = !("webkitdirectory" in folder);
choose.addEventListener("click", () => folder.click());

// Every file in what was dropped; folders tell what is in them a hundred at a time.
async function filesIn(entry, above = "") {
  const path = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise((take, fail) => entry.file(take, fail));
    return [{ file, path }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const piece = await new Promise((take, fail) => reader.readEntries(take, fail));
    if (!piece.length) return found;
    for (const each of piece) found.push(...(await filesIn(each, `${path}/`)));
  }
}
addEventListener("beforeunload", (event) => {
  if (sending) event.preventDefault();
});
for (const each of form.querySelectorAll(".drop-words")) each.hidden = false;

addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  form.classList.add("dropping");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form.classList.remove("dropping");
});
addEventListener("drop", (event) => {
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  form.classList.remove("dropping");
  if (sending) return;
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.some((entry) => entry.isDirectory)) {
    Promise.all(entries.map((entry) => filesIn(entry))).then((found) => sendFolder(found.flat()));
    return;
  }
  input.files = event.dataTransfer.files;
  form.requestSubmit();
});

// --- The tray's keys --------------------------------------------------------------------------------

const rows = () => [...document.querySelectorAll(".loose")];
const current = () => document.querySelector('.loose[aria-current="true"]');

function point(row) {
  current()?.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog")) return;
  const all = rows();
  const at = all.indexOf(current());
  if (event.key === "j" || event.key === "k") {
    point(all[Math.max(0, Math.min(all.length - 1, at + (event.key === "j" ? 1 : -1)))]);
  } else if (event.key === "o") {
    current()?.querySelector("[data-open]")?.click();
  } else {
    const button = current()?.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    button.click();
  }
  event.preventDefault();
});
const keys = document.querySelector(".keys-said");
if (keys) {
  keys.hidden = false;
  rows()[0]?.setAttribute("aria-current", "true"); // the page itself stays where it is
}
