// The PDF reader: draws pages as they come into view, with a text layer for selecting and for
// screen readers. Everything is served by us; pdf.js may not evaluate code (our policy forbids it).

import { Find } from "./reader_find.js";
import { Marks } from "./reader_marks.js";

function pageShell(number, viewport) {
  const shell = document.createElement("div");
  shell.className = "reader-sheet";
  shell.dataset.page = number;
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

class Reader {
  constructor(root, pdfjs) {
    this.root = root;
    this.pdfjs = pdfjs;
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
    this.toggle("[data-pages]", (on) => this.showThumbs(on));
    const dim = root.querySelector("[data-dim]");
    this.toggle("[data-dim]", (on) => {
      root.classList.toggle("dim", on);
      localStorage.setItem("reader-dim", on ? "yes" : "");
    });
    if (localStorage.getItem("reader-dim")) dim?.click();
    this.pages.addEventListener("scroll", () => this.sayPage(), { passive: true });
    // A turned phone or a moved window edge: the pages fit the new width, once it stands still.
    new ResizeObserver(() => {
      clearTimeout(this.resized);
      this.resized = setTimeout(() => this.refit(), 150);
    }).observe(this.pages);
  }

  async open() {
    const assets = this.root.dataset.assets;
    try {
      this.document = await this.pdfjs.getDocument({
        url: this.root.dataset.reader,
        cMapUrl: `${assets}cmaps/`,
        standardFontDataUrl: `${assets}standard_fonts/`,
        wasmUrl: `${assets}wasm/`,
        isEvalSupported: false,
        enableXfa: false,
      }).promise;
    } catch (error) {
      this.state.textContent = "This file can’t be shown here. Open it with the button above.";
      console.warn(error);
      return;
    }
    this.width = await this.fitted();
    await this.layOut();
    this.state.hidden = true;
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
    for (let number = 1; number <= this.document.numPages; number += 1) {
      const shell = pageShell(number, guess);
      this.pages.append(shell);
      this.seen.observe(shell);
    }
    // Only the pane scrolls: scrollIntoView would move the page around it as well.
    const sheet = this.pages.querySelector(`[data-page="${kept}"]`);
    if (sheet && kept > 1) this.pages.scrollTop = sheet.offsetTop - this.pages.offsetTop;
    this.sayPage();
  }

  async setZoom(zoom) {
    this.zoom = Math.min(4, Math.max(0.4, zoom));
    await this.layOut();
  }

  current() {
    const top = this.pages.getBoundingClientRect().top + 40;
    for (const shell of this.pages.children) {
      if (shell.getBoundingClientRect().bottom > top) return Number(shell.dataset.page);
    }
    return 1;
  }

  sayPage() {
    if (this.document) this.where.textContent = `${this.current()} of ${this.document.numPages}`;
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
  }
}

// A page may bring its document later (the next report of a screening session), so new readers are
// opened as they appear. The library is fetched when the first one does.
let library;

async function open(root) {
  if (root.dataset.opened) return;
  root.dataset.opened = "yes";
  library ??= import(`${root.dataset.assets}pdf.min.mjs`);
  const pdfjs = await library;
  pdfjs.GlobalWorkerOptions.workerSrc = root.dataset.worker;
  root.reader = new Reader(root, pdfjs);
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
  for (const root of document.querySelectorAll("[data-reader]")) open(root);
}

openAll();
new MutationObserver(openAll).observe(document.body, { childList: true, subtree: true });
