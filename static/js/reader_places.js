// A quote in its document: the page is opened, its words are marked and framed. An address of the
// reader names it behind the "#": page-3&box=0.1,0.2,0.3,0.04&quote=Two%20workers.

import { paint, rangeOf, squeeze, squeezed } from "./reader_words.js";

const JOINED = "[…]"; // between the parts of a quote that was taken in several pieces

// {page, box, quote} of a fragment; null where it names no place.
export function placeIn(fragment) {
  const place = { page: 0, box: [], quote: "" };
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const [, name, value] = /^(page|box|quote)[-=](.*)$/s.exec(part) ?? [];
    if (name === "page") place.page = Number.parseInt(value, 10) || 0;
    if (name === "box") place.box = numbers(value);
    if (name === "quote") place.quote = plainly(value);
  }
  return place.page || place.quote ? place : null;
}

export function numbers(text) {
  const found = text.split(",").map(Number);
  return found.length === 4 && found.every((each) => each >= 0 && each <= 1) ? found : [];
}

function plainly(escaped) {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return ""; // cut off in the middle of a letter
  }
}

const partsOf = (quote) => quote.split(JOINED).map((part) => squeeze(part).toLowerCase()).filter(Boolean);

// [left, top, width, height] of some rectangles as shares of the sheet that they are on; [] for none.
export function boxOf(rectangles, sheet) {
  const page = sheet.getBoundingClientRect();
  const onIt = rectangles.filter((each) => each.width && each.height && each.top < page.bottom && each.bottom > page.top);
  if (!onIt.length) return [];
  const share = (at, from, whole) => Math.min(1, Math.max(0, (at - from) / whole));
  const left = share(Math.min(...onIt.map((each) => each.left)), page.left, page.width);
  const top = share(Math.min(...onIt.map((each) => each.top)), page.top, page.height);
  const right = share(Math.max(...onIt.map((each) => each.right)), page.left, page.width);
  const bottom = share(Math.max(...onIt.map((each) => each.bottom)), page.top, page.height);
  return right > left && bottom > top ? [left, top, right - left, bottom - top] : [];
}

// In a document that has no pages: a Word file, a saved page, an abstract. Whether it was found.
export function showWords(root, { quote }) {
  const { letters, places } = squeezed(root);
  const text = letters.toLowerCase();
  const ranges = [];
  for (const part of partsOf(quote)) {
    const at = text.indexOf(part);
    if (at >= 0) ranges.push(rangeOf(places, at, part.length));
  }
  paint("shown", ranges);
  ranges[0]?.startContainer.parentElement.scrollIntoView({ block: "center" });
  return ranges.length > 0;
}

// Of all readers on a page one shows a place: highlights are painted by name, for the whole page.
let showing = null;

export class Places {
  constructor(reader) {
    this.reader = reader;
    this.said = reader.root.querySelector(".reader-said");
    this.wanted = null; // {page, parts, box, isNew}
  }

  async show({ page, box, quote }) {
    const { reader } = this;
    const parts = partsOf(quote);
    this.asked = parts;
    if (showing !== this) showing?.leave();
    showing = this;
    const there = parts.length ? await this.pageOf(parts[0], page) : 0;
    if (this.asked !== parts) return; // another place was asked for meanwhile
    const isPage = page >= 1 && page <= reader.document.numPages;
    const opened = there || (isPage ? page : 0);
    this.say(parts.length && !there ? `The words are not found in this document${opened ? `; this is page ${opened}` : ""}.` : "");
    this.wanted = opened ? { page: opened, parts: there ? parts : [], box: opened === page ? box : [], isNew: true } : null;
    if (opened) reader.goTo(opened);
    this.draw();
  }

  leave() {
    this.asked = this.wanted = null;
    this.say("");
    this.draw();
  }

  say(text) {
    if (!this.said) return;
    this.said.textContent = text;
    this.said.hidden = !text;
  }

  // The page that holds the words, the named one and its neighbours first; 0 for none. The named one
  // may be that of the journal, or wrong.
  async pageOf(words, named) {
    const { document: pdf, find } = this.reader;
    const every = Array.from({ length: pdf.numPages }, (_, at) => at + 1);
    every.sort((one, other) => Math.abs(one - named) - Math.abs(other - named));
    for (const page of named ? every : every.sort((one, other) => one - other)) {
      find.texts[page] ??= await find.textOf(page);
      if (find.texts[page].includes(words)) return page;
    }
    return 0;
  }

  // Called again whenever a page has got its words.
  draw() {
    const { pages } = this.reader;
    for (const old of pages.querySelectorAll(".reader-shown")) old.remove();
    if (showing !== this) return;
    if (!this.wanted) return paint("shown", []);
    const sheet = pages.querySelector(`[data-page="${this.wanted.page}"][data-ready]`);
    if (!sheet) return;
    const ranges = this.rangesOn(sheet);
    paint("shown", ranges);
    const found = boxOf(ranges.flatMap((range) => [...range.getClientRects()]), sheet);
    const [left, top, width, height] = found.length ? found : this.wanted.box;
    if (width === undefined) return;
    const frame = document.createElement("div");
    frame.className = "reader-shown";
    frame.setAttribute("aria-hidden", "true");
    const share = (part) => `${part * 100}%`;
    Object.assign(frame.style, { left: share(left), top: share(top), width: share(width), height: share(height) });
    sheet.append(frame);
    if (!this.wanted.isNew) return;
    this.wanted.isNew = false;
    const [pane, place] = [pages.getBoundingClientRect(), frame.getBoundingClientRect()];
    pages.scrollTop += place.top - pane.top - pane.height / 3;
  }

  // Of several places of the words the one that is nearest to where they were selected.
  rangesOn(sheet) {
    const { letters, places } = squeezed(sheet.querySelector(".textLayer"));
    const text = letters.toLowerCase();
    const page = sheet.getBoundingClientRect();
    const [, top] = this.wanted.box;
    const off = (range) => Math.abs((range.getBoundingClientRect().top - page.top) / page.height - top);
    const ranges = [];
    for (const part of this.wanted.parts) {
      const found = [];
      for (let at = text.indexOf(part); at >= 0 && found.length < 50; at = text.indexOf(part, at + 1)) {
        found.push(rangeOf(places, at, part.length));
      }
      if (top !== undefined) found.sort((one, other) => off(one) - off(other));
      if (found.length) ranges.push(found[0]);
    }
    return ranges;
  }
}
