// Keys for the buttons and links marked data-key. Each does what a click on it does; data-does says
// what that is, for the list of keys.

import { Keys } from "./screening/keys.js";

const keys = new Keys();
for (const target of document.querySelectorAll("[data-key]")) {
  target.hidden = false;
  keys.add(target.dataset.key, target.dataset.does, () => target.click());
}
keys.listen();
keys.describe(document.querySelector("[data-keys]"));

// An answer, an undo and a skip each lead to a page of their own: who came here by one goes on in what
// is asked now, and does not begin at the top again.
const from = document.referrer && new URL(document.referrer);
if (from && from.origin === location.origin && from.pathname === location.pathname) {
  (document.querySelector("[data-question]") ?? document.getElementById("main")).focus({ preventScroll: true });
}
