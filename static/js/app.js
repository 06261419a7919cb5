// What every page shares. Nothing here is needed to use a page: links and forms work without it.
//
// Other modules find these at window.concord (an import would name a file without its hash):
//   say(text, level, act)  a quiet line; level is info, success, warning or error; act, which may be
//                          left out, is {label, run}: a button in the line, pressed once
//   csrfToken()            for the X-CSRFToken header of fetch()
//   lostConnection(again)  shows the band that offers to call again(); connectionIsBack() hides it

const byId = (id) => document.getElementById(id);
const SECONDS_A_LINE_STAYS = 7;
const ICONS = { error: "x-circle", warning: "exclamation-triangle", success: "check-circle", info: "info-circle" };

// From the cookie and not from the page: two pages that say the same are then equal byte for byte.
const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

// --- toasts ------------------------------------------------------------------------------------

function say(text, level = "info", act = null) {
  const line = document.createElement("div");
  line.className = `toast-line ${level}`;
  line.dataset.toast = "";
  line.setAttribute("role", level === "error" ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.className = "close";
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Dismiss");
  close.append(icon("x-lg"));
  line.append(icon(ICONS[level] ?? ICONS.info), words);
  if (act) line.append(actButton(line, act));
  line.append(close);
  byId("toasts")?.append(line);
}

function actButton(line, { label, run }) {
  const button = document.createElement("button");
  button.className = "btn btn-sm";
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", () => {
    line.remove();
    run();
  });
  return button;
}

// The sprite's address carries a hash in production: take it from an icon that is on the page.
function icon(name) {
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href").split("#")[0];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

// A line leaves by itself unless it says an error, or someone is reading it.
function letGo(line) {
  if (line.classList.contains("error") || line.classList.contains("warning")) return;
  setTimeout(() => {
    if (line.matches(":hover, :focus-within")) letGo(line);
    else line.remove();
  }, SECONDS_A_LINE_STAYS * 1000);
}

const toasts = byId("toasts");
if (toasts) {
  toasts.querySelectorAll("[data-toast]").forEach(letGo);
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node instanceof HTMLElement && "toast" in node.dataset) letGo(node);
    }
  }).observe(toasts, { childList: true });
}

// --- a lost connection: said, and sent again ------------------------------------------------------

let sendAgain = null;

function lostConnection(again) {
  sendAgain = again;
  const band = byId("connection");
  band.querySelector("[data-again]").hidden = !again;
  band.hidden = false;
}

function connectionIsBack() {
  sendAgain = null;
  byId("connection").hidden = true;
}

// --- htmx ----------------------------------------------------------------------------------------

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrfToken();
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    const { elt, requestConfig } = detail;
    const polls = requestConfig.verb === "get" && elt.getAttribute("hx-trigger")?.includes("every");
    lostConnection(polls ? null : () => repeat(elt, requestConfig));
  });
}
document.addEventListener("htmx:afterOnLoad", connectionIsBack);

// The element asks once more, with what its fields hold now: nothing typed has been lost.
function repeat(elt, { triggeringEvent, verb, path }) {
  if (elt instanceof HTMLFormElement) elt.requestSubmit(triggeringEvent?.submitter ?? undefined);
  else if (triggeringEvent) window.htmx.trigger(elt, triggeringEvent.type);
  else window.htmx.ajax(verb, path, { source: elt });
}

// A 422 with a form shows its errors by their fields and is swapped in; a bare sentence, or the page
// that says a refusal, would only tear a hole: it is said.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr } = detail;
  if (xhr.status === 422 && (!isPage(xhr) || xhr.responseText.includes("data-say"))) {
    detail.shouldSwap = false;
    say(sentenceIn(xhr), "error");
  }
});
document.addEventListener("htmx:responseError", ({ detail }) => say(sentenceIn(detail.xhr), "error"));
document.addEventListener("toast", ({ detail }) => say(detail.text ?? detail.value, detail.level)); // HX-Trigger

const isPage = (xhr) => (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html");

// The one sentence of an answer: plain text as it is, of an error page the part marked data-say.
function sentenceIn(xhr) {
  if (!isPage(xhr)) {
    const text = xhr.responseText.trim();
    if (text && text.length < 400 && !text.startsWith("{")) return text;
  } else {
    const said = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-say]");
    if (said?.textContent.trim()) return said.textContent.trim();
  }
  return xhr.status >= 500
    ? "The server could not finish this. Nothing was changed; please try again."
    : "This was not accepted. Reload the page and try again.";
}

// --- clicks --------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  at("[data-dismiss]")?.closest("[data-toast]")?.remove();
  if (at("[data-again]")) {
    const again = sendAgain;
    byId("connection").hidden = true;
    again?.();
  }
  if (at("[data-copy]")) copy(at("[data-copy]"));
  if (at("[data-look]")) look(at("[data-look]"));
  if (at("[commandfor]") && !("commandForElement" in HTMLButtonElement.prototype)) command(at("[commandfor]"));
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// <button commandfor="id" command="show-modal | close"> for browsers that don't know it yet.
function command(button) {
  const dialog = byId(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "show-modal") dialog.showModal();
  else dialog.close();
}

// <button data-copy="#id"> copies that element's value or text; data-copied is the word said.
async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  const text = source.value ?? source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    say(button.dataset.copied ?? "Copied.", "success");
  } catch {
    // Outside https browsers offer no clipboard: select the text, so that one key does it.
    getSelection().selectAllChildren(source);
    source.select?.();
    say("Press Ctrl+C (⌘C) to copy the selected text.");
  }
}

// --- theme and rail --------------------------------------------------------------------------------

function look({ dataset }) {
  const key = dataset.look;
  const isOn = document.documentElement.dataset[key] === dataset.value;
  // The rail's button goes back and forth; a theme's button chooses.
  const value = key === "rail" && isOn ? "wide" : dataset.value;
  try {
    localStorage.setItem(key, value);
  } catch {
    say("This browser keeps no settings for this site.");
  }
  dispatchEvent(new Event("concord:look"));
  showLook();
}

function showLook() {
  for (const button of document.querySelectorAll("[data-look]")) {
    const isOn = document.documentElement.dataset[button.dataset.look] === button.dataset.value;
    button.setAttribute("aria-pressed", String(isOn));
  }
}
showLook();

// --- forms -----------------------------------------------------------------------------------------

// <form data-guard>: leaving with unsaved words asks first.
const unsaved = new Set();
document.addEventListener("input", ({ target }) => {
  if (target.form?.matches("[data-guard]")) unsaved.add(target.form);
});
// htmx calls a swapped 422 successful; what was typed is still unsaved then.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.xhr.status < 400) unsaved.delete(detail.elt);
});
addEventListener("beforeunload", (event) => {
  const waiting = [...unsaved].some((form) => form.isConnected);
  if (waiting) event.preventDefault();
});

// A plain form is sent once, and not into the void.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || event.defaultPrevented || form.matches("[hx-post], [hx-get], [hx-put], [hx-patch], [hx-delete]")) return;
  if (!navigator.onLine && !["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) {
    event.preventDefault();
    lostConnection(() => form.requestSubmit(event.submitter ?? undefined));
    return;
  }
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  unsaved.delete(form);
  setTimeout(() => form.removeAttribute("aria-busy"), 10_000); // a download leaves the page standing
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll('form[aria-busy="true"]')) form.removeAttribute("aria-busy");
});

// The first field with an error gets the cursor.
document.querySelector('main [aria-invalid="true"]')?.focus();

window.concord = { say, csrfToken, lostConnection, connectionIsBack };
