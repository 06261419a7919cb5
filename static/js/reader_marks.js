// Highlights: of words by their quote and what stands around it, of an area by its place on the page.
// The server says which ones this reader may see.

import { paint, rangeOf, squeeze, squeezed } from "./reader_words.js";

const AROUND = 60;

export class Marks {
  constructor(reader) {
    this.reader = reader;
    this.root = reader.root;
    this.all = [];
    this.said = this.root.querySelector(".reader-said");
    this.mark = this.root.querySelector("[data-mark]");
    this.area = this.root.querySelector("[data-area]");
    this.address = this.root.dataset.highlights;
    if (this.address) this.load();
    if (!this.mark) return;
    document.addEventListener("selectionchange", () => (this.mark.disabled = !this.selection()));
    // The button would take the selection away before it is pressed.
    this.mark.addEventListener("pointerdown", (event) => event.preventDefault());
    this.mark.addEventListener("click", () => this.addWords());
    this.area.addEventListener("click", () => this.arm(this.area.getAttribute("aria-pressed") !== "true"));
    reader.pages.addEventListener("pointerdown", (event) => this.begin(event));
  }

  say(text) {
    this.said.textContent = text;
    this.said.hidden = !text;
  }

  async load() {
    const answer = await fetch(this.address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) this.take(await answer.json());
  }

  take({ highlights }) {
    this.all = highlights;
    for (const sheet of this.reader.drawn()) this.drawAreas(sheet);
    this.draw();
  }

  async send(address, fields) {
    const headers = { Accept: "application/json", "X-CSRFToken": window.concord.csrfToken() };
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const answer = await fetch(address, { method: "POST", body, headers }).catch(() => null);
    const told = (await answer?.json().catch(() => null)) ?? {};
    if (answer?.ok) {
      this.take(told);
      document.body.dispatchEvent(new Event("highlighted")); // the list beside the reader
    }
    this.say(answer?.ok ? "" : (told.detail ?? "The server was not reached; nothing was marked."));
    return Boolean(answer?.ok);
  }

  // {sheet, range} when words of one page are selected.
  selection() {
    const chosen = document.getSelection();
    if (!chosen || chosen.isCollapsed || !chosen.rangeCount) return null;
    const range = chosen.getRangeAt(0);
    const sheetOf = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".reader-sheet");
    const sheet = sheetOf(range.startContainer);
    if (!sheet || !this.root.contains(sheet)) return null;
    const end = sheetOf(range.endContainer);
    return (!end || end === sheet) && squeeze(chosen.toString()) ? { sheet, range } : null;
  }

  async addWords() {
    const chosen = this.selection();
    if (!chosen) return this.say("Select words of one page.");
    const layer = chosen.sheet.querySelector(".textLayer");
    const [left, right] = [document.createRange(), document.createRange()];
    left.setStart(layer, 0);
    left.setEnd(chosen.range.startContainer, chosen.range.startOffset);
    right.setStart(chosen.range.endContainer, chosen.range.endOffset);
    right.setEnd(layer, layer.childNodes.length);
    const quote = document.getSelection().toString();
    const done = await this.send(`${this.address}add/`, {
      sha256: this.root.dataset.sha256,
      page: chosen.sheet.dataset.page,
      quote,
      before: left.toString().slice(-AROUND),
      after: right.toString().slice(0, AROUND),
    });
    if (done) document.getSelection().removeAllRanges();
  }

  // --- Areas ----------------------------------------------------------------------------------

  arm(on) {
    this.area.setAttribute("aria-pressed", String(on));
    this.root.classList.toggle("drawing", on);
    this.say(on ? "Draw the area on the page." : "");
  }

  begin(event) {
    const sheet = event.target.closest(".reader-sheet");
    if (!sheet || this.area.getAttribute("aria-pressed") !== "true") return;
    event.preventDefault();
    const box = sheet.getBoundingClientRect();
    const share = (at) => [
      Math.min(1, Math.max(0, (at.clientX - box.left) / box.width)),
      Math.min(1, Math.max(0, (at.clientY - box.top) / box.height)),
    ];
    const [x, y] = share(event);
    const frame = document.createElement("div");
    frame.className = "reader-area mine";
    sheet.append(frame);
    const areaTo = (at) => {
      const [right, bottom] = share(at);
      return [Math.min(x, right), Math.min(y, bottom), Math.abs(right - x), Math.abs(bottom - y)];
    };
    const move = (at) => placed(frame, areaTo(at));
    const over = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", over);
      frame.remove();
      this.arm(false);
    };
    const up = (at) => {
      const [left, top, width, height] = areaTo(at);
      over();
      if (width < 0.005 || height < 0.005) return;
      const page = sheet.dataset.page;
      this.send(`${this.address}add/`, { sha256: this.root.dataset.sha256, page, left, top, width, height });
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", over);
  }

  drawAreas(sheet) {
    for (const old of sheet.querySelectorAll(".reader-area")) old.remove();
    for (const each of this.all) {
      if (!each.area.length || String(each.page) !== sheet.dataset.page) continue;
      const frame = document.createElement("div");
      frame.className = `reader-area ${each.mine ? "mine" : "theirs"}`;
      frame.title = each.mine ? "My highlight" : each.by;
      placed(frame, each.area);
      sheet.append(frame);
    }
  }

  // Called again whenever a page has got its words.
  draw() {
    const mine = [];
    const theirs = [];
    for (const sheet of this.reader.drawn()) {
      const here = this.all.filter((each) => each.quote && String(each.page) === sheet.dataset.page);
      if (!here.length) continue;
      const { letters, places } = squeezed(sheet.querySelector(".textLayer"));
      for (const each of here) {
        const quote = squeeze(each.quote);
        const start = placeOf(letters, quote, squeeze(each.before));
        if (start >= 0) (each.mine ? mine : theirs).push(rangeOf(places, start, quote.length));
      }
    }
    paint("mine", mine);
    paint("theirs", theirs);
  }
}

// Of several places of the quote the one with the most letters of `before` in front of it.
function placeOf(letters, quote, before) {
  let best = -1;
  let most = -1;
  for (let at = letters.indexOf(quote); at >= 0; at = letters.indexOf(quote, at + 1)) {
    let same = 0;
    while (same < before.length && before.at(-1 - same) === letters[at - 1 - same]) same += 1;
    if (same > most) [best, most] = [at, same];
  }
  return best;
}

function placed(frame, [left, top, width, height]) {
  Object.assign(frame.style, {
    left: `${left * 100}%`,
    top: `${top * 100}%`,
    width: `${width * 100}%`,
    height: `${height * 100}%`,
  });
}
