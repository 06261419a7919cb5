// Keys for looking again: each button that names a key is pressed by it.

import { Keys } from "./keys.js";

const form = document.getElementById("again");
const keys = new Keys();
for (const button of form.querySelectorAll("[data-key]")) {
  keys.add(button.dataset.key, button.textContent.trim(), () => button.click());
}
keys.add("n", "Write a note", () => form.elements.note.focus());
keys.listen();
form.elements.note.addEventListener("keydown", (event) => event.key === "Escape" && event.target.blur());
