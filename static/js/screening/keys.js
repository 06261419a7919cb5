// The one registry of keys: no key has two meanings, and none is heard while somebody types.
// Which key an act has is its reader's choice (screening/desk/keymap.py); an act may have none.

const CHOOSING = "input[type=radio], input[type=checkbox]";
const TYPING = `input:not(${CHOOSING}), textarea, select, [contenteditable]`;

export class Keys {
  #acts = new Map();
  #chosen;
  #letters;

  // `keys` is {act: key}; without `letters` no key of a single character is heard.
  constructor({ keys = {}, letters = true } = {}) {
    this.#chosen = keys;
    this.#letters = letters;
  }

  // `does` is the line in the list of keys; the same line for several keys is shown once.
  add(key, does, act) {
    if (!key || (key.length === 1 && !this.#letters)) return;
    if (this.#acts.has(key)) throw new Error(`The key “${key}” has a meaning already: ${this.#acts.get(key).does}`);
    this.#acts.set(key, { does, act });
  }

  // The key that its reader has chosen for the act called `name`.
  give(name, does, act) {
    this.add(this.#chosen[name], does, act);
  }

  listen(target = document) {
    target.addEventListener("keydown", (event) => {
      // A key that is held down is one answer, not thirty.
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
      // Arrows and the space bar are the choice's own; letters mean nothing to it.
      if (event.target.matches?.(CHOOSING) && (event.key.length > 1 || event.key === " ")) return;
      const found = this.#meant(event);
      if (!found) return;
      event.preventDefault();
      found.act();
    });
  }

  #meant({ key, code, shiftKey }) {
    const found = this.#acts.get(key.length === 1 ? key.toLowerCase() : key);
    if (found) return found;
    // A keyboard of another script, or one whose digits need Shift: what stands on the key else.
    const digit = !shiftKey && key.length === 1 && code?.match(/^Digit(\d)$/);
    const letter = key.length === 1 && key > "\u007f" && code?.match(/^Key([A-Z])$/);
    return this.#acts.get((digit || letter || [])[1]?.toLowerCase());
  }

  // Fill a <dl> with every key and what it does.
  describe(list) {
    list.replaceChildren();
    const lines = new Map();
    for (const [key, { does }] of this.#acts) lines.set(does, [...(lines.get(does) ?? []), key]);
    for (const [does, keys] of lines) {
      const term = document.createElement("dt");
      for (const key of keys) {
        const cap = document.createElement("kbd");
        cap.textContent = CAPS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
        term.append(cap, " ");
      }
      const words = document.createElement("dd");
      words.textContent = does;
      list.append(term, words);
    }
  }
}

const CAPS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
