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
