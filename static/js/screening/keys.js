// The one registry of keys: no key has two meanings, and none is heard while somebody types.

const TYPING = "input, textarea, select, [contenteditable]";

export class Keys {
  #acts = new Map();

  // `does` is the line in the list of keys; the same line for several keys is shown once.
  add(key, does, act) {
    if (this.#acts.has(key)) throw new Error(`The key “${key}” has a meaning already: ${this.#acts.get(key).does}`);
    this.#acts.set(key, { does, act });
  }

  listen(target = document) {
    target.addEventListener("keydown", (event) => {
      // A key that is held down is one answer, not thirty.
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
      const found = this.#acts.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
      if (!found) return;
      event.preventDefault();
      found.act();
    });
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
        cap.textContent = key.length === 1 ? key.toUpperCase() : key;
        term.append(cap, " ");
      }
      const words = document.createElement("dd");
      words.textContent = does;
      list.append(term, words);
    }
  }
}
