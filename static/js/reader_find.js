// Search in the document: Enter for the next place, Shift+Enter for the one before.

import { paint, rangeOf, squeeze, squeezed } from "./reader_words.js";

export class Find {
  constructor(reader) {
    this.reader = reader;
    this.field = reader.root.querySelector(".reader-find input");
    this.said = reader.root.querySelector(".reader-hits");
    this.texts = []; // of each page, squeezed and in lower case
    this.hits = []; // {page, start}
    this.at = -1;
    this.field?.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the page's keys decide about reports
      if (event.key === "Enter") {
        event.preventDefault();
        this.step(event.shiftKey ? -1 : 1);
      } else if (event.key === "Escape") {
        this.field.value = "";
        this.look("");
      }
    });
    this.field?.addEventListener("search", () => this.look(this.field.value));
  }

  async step(by) {
    const wanted = squeeze(this.field.value).toLowerCase();
    if (wanted !== this.wanted) await this.look(this.field.value);
    else if (this.hits.length) this.at = (this.at + by + this.hits.length) % this.hits.length;
    this.show();
  }

  async look(words) {
    this.wanted = squeeze(words).toLowerCase();
    this.hits = [];
    this.at = -1;
    const { document: pdf } = this.reader;
    if (this.wanted.length < 2 || !pdf) return this.show();
    this.said.textContent = "…";
    const asked = this.wanted;
    for (let page = 1; page <= pdf.numPages; page += 1) {
      this.texts[page] ??= await this.textOf(page);
      if (asked !== this.wanted) return; // another search began
      let start = this.texts[page].indexOf(asked);
      while (start >= 0) {
        this.hits.push({ page, start });
        start = this.texts[page].indexOf(asked, start + asked.length);
      }
    }
    const here = this.reader.current();
    this.at = this.hits.findIndex((hit) => hit.page >= here);
    if (this.at < 0 && this.hits.length) this.at = 0;
    this.show();
  }

  async textOf(number) {
    const page = await this.reader.document.getPage(number);
    const { items } = await page.getTextContent();
    return squeeze(items.map((item) => item.str ?? "").join("")).toLowerCase();
  }

  show() {
    const many = this.hits.length;
    this.said.textContent = this.wanted ? (many ? `${this.at + 1} of ${many}` : "not found") : "";
    const hit = this.hits[this.at];
    if (hit) this.reader.goTo(hit.page);
    this.draw();
  }

  // Called again whenever a page has got its words.
  draw() {
    if (!this.field) return;
    const all = [];
    const current = [];
    for (const sheet of this.wanted ? this.reader.drawn() : []) {
      const page = Number(sheet.dataset.page);
      const { letters, places } = squeezed(sheet.querySelector(".textLayer"));
      const text = letters.toLowerCase();
      let start = text.indexOf(this.wanted);
      let nth = this.hits.findIndex((hit) => hit.page === page);
      while (start >= 0) {
        const range = rangeOf(places, start, this.wanted.length);
        (nth === this.at ? current : all).push(range);
        start = text.indexOf(this.wanted, start + this.wanted.length);
        nth += 1;
      }
    }
    paint("found", all);
    paint("found-here", current);
    const box = current[0]?.getBoundingClientRect();
    if (box && this.shown !== this.hits[this.at]) {
      this.shown = this.hits[this.at];
      const pane = this.reader.pages.getBoundingClientRect();
      this.reader.pages.scrollTop += box.top - pane.top - pane.height / 3;
    }
  }
}
