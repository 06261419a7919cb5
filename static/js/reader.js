// The PDF reader: draws pages as they come into view, with a text layer for selecting and for
// screen readers. Everything is served by us; pdf.js may not evaluate code (our policy forbids it).

import { Find } from "./reader_find.js";
import { Marks } from "./reader_marks.js";
import { placeIn, Places, showWords } from "./reader_places.js";

function pageShell(number, viewport) {
  const shell = document.createElement("div");
  shell.className = "reader-sheet";
  shell.dataset.page = number;
  shell.setAttribute("role", "group"); // a name needs a role, also while the page has no text yet
  shell.setAttribute("aria-label", `Page ${number}`);
  size(shell, viewport);
  return shell;
}

function size(shell, viewport) {
  shell.style.width = `${Math.floor(viewport.width)}px`;
  shell.style.height = `${Math.floor(viewport.height)}px`;
  shell.style.setProperty("--total-scale-factor", viewport.scale);
  shell.style.setProperty("--scale-factor", viewport.scale);
}

// A large file is asked for in at most so many parts: each costs the server a look at who asks.
const PARTS = 64;
const [SMALLEST, LARGEST] = [1 << 16, 1 << 20]; // bytes
const WHOLE = 4 << 20;

const CANNOT = "This file can’t be shown here. Open it with the button above.";

class Reader {
  constructor(root, engine) {
    this.root = root;
    this.engine = engine;
    this.pdfjs = engine.pdfjs;
    this.pages = root.querySelector(".reader-pages");
    this.state = root.querySelector(".reader-state");
    this.where = root.querySelector(".reader-page");
    this.zoom = 1;
    this.seen = new IntersectionObserver((entries) => this.onSeen(entries), {
      root: this.pages,
      rootMargin: "600px 0px",
    });
    root.addEventListener("click", (event) => {
      const way = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (way) this.setZoom(this.zoom * (way === "in" ? 1.2 : 1 / 1.2));
    });
    this.thumbs = root.querySelector(".reader-thumbs");
    this.find = new Find(this);
    this.marks = new Marks(this);
    this.places = new Places(this);
    this.toggle("[data-pages]", (on) => this.showThumbs(on));
    const dim = root.querySelector("[data-dim]");
    this.toggle("[data-dim]", (on) => {
      root.classList.toggle("dim", on);
      localStorage.setItem("reader-dim", on ? "yes" : "");
    });
    if (localStorage.getItem("reader-dim")) dim?.click();
    this.pages.addEventListener("scroll", () => this.sayPage(), { passive: true });
    // A turned phone or a moved window edge: the pages fit the new width, once it stands still.
    this.sizes = new ResizeObserver(() => {
      clearTimeout(this.resized);
      this.resized = setTimeout(() => this.whileOpen(() => this.refit()), 150);
    });
    this.sizes.observe(this.pages);
  }

  async open() {
    const assets = this.root.dataset.assets;
    const size = Number(this.root.dataset.size) || 0;
    try {
      this.loading = this.pdfjs.getDocument({
        url: this.root.dataset.reader,
        worker: this.engine.worker,
        disableRange: size < WHOLE, // it is there before a part could be asked for
        rangeChunkSize: Math.min(LARGEST, Math.max(SMALLEST, Math.round(size / PARTS))),
        cMapUrl: `${assets}cmaps/`,
        standardFontDataUrl: `${assets}standard_fonts/`,
        wasmUrl: `${assets}wasm/`,
        isEvalSupported: false,
        enableXfa: false,
      });
      this.document = await Promise.race([this.loading.promise, this.engine.broken]);
    } catch (error) {
      if (this.loading.destroyed) return;
      this.state.textContent = CANNOT;
      console.warn(error);
      return;
    }
    this.state.hidden = true; // before the first page is drawn, or it would move up afterwards
    await this.whileOpen(async () => {
      this.width = await this.fitted();
      await this.layOut();
      const asked = placeIn(location.hash);
      if (asked) await this.places.show(asked);
    });
  }

  // What a document that was closed in the middle of `work` answers is no error.
  async whileOpen(work) {
    try {
      await work();
    } catch (error) {
      if (!this.closed) throw error;
    }
  }

  // The page shows another document: nothing of this one is kept.
  close() {
    this.closed = true;
    clearTimeout(this.resized);
    this.seen.disconnect();
    this.sizes.disconnect();
    this.loading?.destroy();
  }

  toggle(selector, act) {
    const button = this.root.querySelector(selector);
    button?.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      act(on);
    });
  }

  // The sheets whose words are there.
  drawn() {
    return [...this.pages.querySelectorAll(".reader-sheet[data-ready]")];
  }

  goTo(number) {
    const sheet = this.pages.querySelector(`[data-page="${number}"]`);
    if (sheet && number !== this.current()) this.pages.scrollTop = sheet.offsetTop - this.pages.offsetTop;
  }

  showThumbs(on) {
    this.thumbs.hidden = !on;
    if (!on || this.thumbs.childElementCount || !this.document) return;
    const seen = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          seen.unobserve(target);
          this.drawThumb(target).catch((error) => console.warn(error));
        }
      },
      { root: this.thumbs, rootMargin: "300px 0px" },
    );
    for (let number = 1; number <= this.document.numPages; number += 1) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "reader-thumb";
      button.dataset.thumb = number;
      button.textContent = number;
      button.setAttribute("aria-label", `Page ${number}`);
      button.addEventListener("click", () => this.goTo(number));
      this.thumbs.append(button);
      seen.observe(button);
    }
    this.sayPage();
  }

  async drawThumb(button) {
    const page = await this.document.getPage(Number(button.dataset.thumb));
    const scale = 90 / page.getViewport({ scale: 1 }).width;
    const viewport = page.getViewport({ scale });
    const canvas = document.createElement("canvas");
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    canvas.setAttribute("aria-hidden", "true");
    await page.render({ canvas, viewport }).promise;
    button.prepend(canvas);
  }

  // Take the scale at which a page is as wide as the room for it; the room's width, in px.
  async fitted() {
    const room = Math.max(240, this.pages.clientWidth - 24);
    const first = await this.document.getPage(1);
    this.fit = room / first.getViewport({ scale: 1 }).width;
    return room;
  }

  async refit() {
    if (!this.width) return; // still opening
    const before = this.width;
    this.width = await this.fitted();
    if (this.width !== before) await this.layOut();
  }

  scale() {
    return this.fit * this.zoom;
  }

  async layOut() {
    const first = await this.document.getPage(1);
    this.seen.disconnect();
    const kept = this.current();
    this.pages.replaceChildren();
    const guess = first.getViewport({ scale: this.scale() });
    const sheets = [];
    for (let number = 1; number <= this.document.numPages; number += 1) {
      sheets.push(pageShell(number, guess));
    }
    this.pages.append(...sheets);
    // Only the pane scrolls: scrollIntoView would move the page around it as well.
    const sheet = this.pages.querySelector(`[data-page="${kept}"]`);
    if (sheet && kept > 1) this.pages.scrollTop = sheet.offsetTop - this.pages.offsetTop;
    this.sayPage();
    // What is looked at comes first; its neighbours would take the worker's time from it.
    const here = sheets[kept - 1] ?? sheets[0];
    here.dataset.drawn = "yes";
    const page = await this.paint(here).catch((error) => console.warn(error));
    if (!here.isConnected) return; // laid out anew meanwhile
    for (const each of sheets) this.seen.observe(each);
    if (page) await this.write(here, page);
  }

  async setZoom(zoom) {
    this.zoom = Math.min(4, Math.max(0.4, zoom));
    await this.whileOpen(() => this.layOut());
  }

  current() {
    const top = this.pages.getBoundingClientRect().top + 40;
    for (const shell of this.pages.children) {
      if (shell.getBoundingClientRect().bottom > top) return Number(shell.dataset.page);
    }
    return 1;
  }

  sayPage() {
    if (!this.document) return;
    const now = this.current();
    this.where.textContent = `${now} of ${this.document.numPages}`;
    const [before, thumb] = ["[aria-current]", `[data-thumb="${now}"]`].map((which) => this.thumbs.querySelector(which));
    if (before === thumb) return;
    before?.removeAttribute("aria-current");
    thumb?.setAttribute("aria-current", "page");
    // Only their own pane scrolls, and only where the page's is out of sight.
    if (!thumb) return;
    const [pane, place] = [this.thumbs.getBoundingClientRect(), thumb.getBoundingClientRect()];
    if (place.top < pane.top) this.thumbs.scrollTop += place.top - pane.top;
    if (place.bottom > pane.bottom) this.thumbs.scrollTop += place.bottom - pane.bottom;
  }

  onSeen(entries) {
    for (const entry of entries) {
      if (entry.isIntersecting && !entry.target.dataset.drawn) {
        entry.target.dataset.drawn = "yes";
        this.draw(entry.target).catch((error) => console.warn(error));
      }
    }
  }

  async draw(shell) {
    await this.write(shell, await this.paint(shell));
  }

  // The picture of a page; its words are laid over it by `write`.
  async paint(shell) {
    const page = await this.document.getPage(Number(shell.dataset.page));
    const viewport = page.getViewport({ scale: this.scale() });
    size(shell, viewport);
    const sharp = Math.min(window.devicePixelRatio || 1, 2);
    const canvas = document.createElement("canvas");
    canvas.width = Math.floor(viewport.width * sharp);
    canvas.height = Math.floor(viewport.height * sharp);
    canvas.setAttribute("aria-hidden", "true");
    shell.append(canvas);
    await page.render({ canvas, viewport, transform: [sharp, 0, 0, sharp, 0, 0] }).promise;
    performance.mark("reader-page-painted"); // bench/reading.py waits for the first one
    return page;
  }

  async write(shell, page) {
    const viewport = page.getViewport({ scale: this.scale() });
    const words = document.createElement("div");
    words.className = "textLayer";
    shell.append(words);
    const layer = new this.pdfjs.TextLayer({
      textContentSource: page.streamTextContent(),
      container: words,
      viewport,
    });
    await layer.render();
    shell.dataset.ready = "yes";
    this.marks.drawAreas(shell);
    this.marks.draw();
    this.find.draw();
    this.places.draw();
  }
}

// A page may bring its document later (the next report of a screening session), so new readers are
// opened as they appear. Library and worker are fetched when the first one does, side by side: the
// worker is the larger part and would otherwise wait for the library. All readers share it.
let engine;
const readers = new Set();

async function start({ library, worker }) {
  const port = new Worker(worker, { type: "module" });
  const broken = new Promise((_, fail) => port.addEventListener("error", fail));
  broken.catch(() => {}); // heard where a document is opened
  const pdfjs = await import(library);
  return { pdfjs, worker: pdfjs.PDFWorker.create({ port }), broken };
}

async function open(root) {
  if (root.dataset.opened) return;
  root.dataset.opened = "yes";
  engine ??= start(root.dataset);
  try {
    root.reader = new Reader(root, await engine);
  } catch (error) {
    root.querySelector(".reader-state").textContent = CANNOT;
    console.warn(error);
    return;
  }
  readers.add(root.reader);
  await root.reader.open();
}

// A list beside the reader leads to pages of it.
document.addEventListener("click", (event) => {
  const page = event.target.closest("[data-page-link]")?.dataset.pageLink;
  const reader = page && document.querySelector("[data-reader]")?.reader;
  if (!reader) return;
  event.preventDefault();
  reader.goTo(Number(page));
});

function openAll() {
  for (const reader of readers) {
    if (reader.root.isConnected) continue;
    readers.delete(reader);
    reader.close();
  }
  for (const root of document.querySelectorAll("[data-reader]")) open(root);
}

openAll();
const unpaged = document.querySelector(".reader-words");
const asked = unpaged && placeIn(location.hash);
if (asked) showWords(unpaged, asked);
new MutationObserver(openAll).observe(document.body, { childList: true, subtree: true });
