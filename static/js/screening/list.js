// The reports ahead as a compact list, for people who screen by title. It only shows: which report is
// current, and what was answered, is desk.js's to say. A row stays where it is once it is decided.

const VERDICTS = ["include", "maybe", "exclude"];
const AUTHORS = 3;

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  if (text) made.dir = "auto";
  return made;
}

export class List extends EventTarget {
  #place;
  #words;
  #rows = new Map(); // report id -> {card, row}

  // `words` marks an element, or does nothing while marks are off. Events: "choose" and "answer".
  constructor(place, words) {
    super();
    this.#place = place;
    this.#words = words;
  }

  // The ids in the order in which they stand.
  get order() {
    return [...this.#rows.keys()];
  }

  // See to it that `cards` have rows: those that are new stand at the end.
  hold(cards) {
    for (const card of cards) {
      if (this.#rows.has(card.id)) continue;
      const row = this.#rowOf(card);
      this.#rows.set(card.id, { card, row });
      this.#place.append(row);
    }
  }

  drop(id) {
    this.#rows.get(id)?.row.remove();
    this.#rows.delete(id);
  }

  clear() {
    for (const id of this.order) this.drop(id);
  }

  // The one row that keys and buttons speak of.
  point(card) {
    this.#place.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const row = this.#rows.get(card?.id)?.row;
    row?.setAttribute("aria-current", "true");
    row?.scrollIntoView({ block: "nearest" });
  }

  // What was answered, in words; "" for not yet.
  answered(id, verdict, words) {
    const row = this.#rows.get(id)?.row;
    if (!row) return;
    row.dataset.verdict = verdict;
    row.querySelector(".row-said").textContent = words;
    for (const button of row.querySelectorAll(".row-acts button")) button.hidden = Boolean(words);
  }

  toggle(id) {
    const { card, row } = this.#rows.get(id) ?? {};
    if (!row) return;
    const text = row.querySelector(".row-text");
    if (!text.childElementCount) {
      text.append(element("p", "abstract", card.abstract || "No abstract in any of its records."));
      if (card.keywords.length) text.append(element("p", "keywords", card.keywords.join(" · ")));
      this.#words(text);
    }
    text.hidden = !text.hidden;
    row.querySelector(".row-title").setAttribute("aria-expanded", String(!text.hidden));
    if (!text.hidden) row.scrollIntoView({ block: "nearest" });
  }

  #rowOf(card) {
    const row = element("li", "row-item");
    const title = element("button", "row-title", card.title);
    title.type = "button";
    title.setAttribute("aria-expanded", "false");
    title.addEventListener("click", () => this.#tell("choose", { card, open: true }));
    this.#words(title);
    const authors = card.authors.slice(0, AUTHORS).join("; ") + (card.authors.length > AUTHORS ? " …" : "");
    const byline = element("span", "sub", [authors, card.year, card.journal].filter(Boolean).join(" · "));
    const head = element("div", "row-head");
    head.append(title, byline);
    const acts = element("div", "row-acts");
    acts.append(element("span", "row-said"));
    for (const verdict of VERDICTS) {
      const like = document.querySelector(`.verdicts .btn-${verdict}`);
      if (!like) continue;
      const button = element("button", `btn btn-sm btn-icon btn-${verdict}`);
      button.type = "button";
      button.setAttribute("aria-label", `${like.dataset.word}: ${card.title}`);
      button.append(like.querySelector("svg").cloneNode(true));
      button.addEventListener("click", () => this.#tell("answer", { card, verdict }));
      acts.append(button);
    }
    const text = element("div", "row-text reading");
    text.hidden = true;
    row.append(head, acts, text);
    row.dataset.verdict = "";
    return row;
  }

  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
