// What lies before the reviewer: the reports to decide on, which of them is on the screen, what was
// decided, and the counts beside it. It only holds them; show.js draws them.

import { page, remembered } from "./page.js";

export const desk = {
  queue: [], // reports to decide on
  at: 0, // which of them is on the screen: the first, or in the list whichever was chosen
  isList: page.stage === "abstract" && !page.changing && remembered("concord:list") === "on",
  isAlong: false, // many are taken along, for a time without network
  past: page.earlier.toReversed(), // decided, the last one last: what undo goes back to
  left: page.left,
  done: page.done,
  changing: page.changing, // the answer that is being changed, when the page was opened for that
  isExhausted: false, // the server has no more than what is here
  wait: page.wait, // seconds until a report that others hold may come free; null: none is held
  wantsNetwork: false,
  sinceAsked: 0, // answers given, less those taken back, since the server was last asked

  get current() {
    return this.queue[this.at];
  },

  // How many reports to hold.
  get ahead() {
    if (this.isAlong) return page.alongAhead;
    return this.isList ? page.listAhead : page.heldAhead;
  },

  // Keep those of the queue that pass `test`; those that left come back. What is on the screen
  // stays: nobody reads a moving page.
  keep(test) {
    const card = this.current;
    const isKept = (each) => each === card || test(each);
    const gone = this.queue.filter((each) => !isKept(each));
    this.queue = this.queue.filter(isKept);
    this.at = Math.max(this.queue.indexOf(card), 0);
    return gone;
  },

  // Take out the reports with these ids, also the one on the screen: the next takes its place.
  remove(ids) {
    const isGone = (each) => ids.includes(each.id);
    this.at -= this.queue.slice(0, this.at).filter(isGone).length;
    this.queue = this.queue.filter((each) => !isGone(each));
    this.at = Math.min(this.at, Math.max(this.queue.length - 1, 0));
  },

  // Put these first, the first of them on the screen.
  putFirst(cards) {
    const ids = cards.map((card) => card.id);
    this.queue = [...cards, ...this.queue.filter((each) => !ids.includes(each.id))];
    this.at = 0;
  },

  count(answers) {
    this.done += answers;
    this.left -= answers;
    this.sinceAsked += answers;
  },

  // For the live region, after a report has left the screen.
  get next() {
    return this.current ? `Next: ${this.current.title}` : "No more reports here.";
  },
};
