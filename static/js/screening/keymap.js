// The page of one's keys: a field takes the key that is pressed in it. Without this file one types it.

const form = document.querySelector("[data-keymap]");
const named = form.dataset.keymap.split(" ");

form.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches("[data-key-field]") || event.ctrlKey || event.metaKey || event.altKey) return;
  let key = null;
  if (event.key === "Backspace" || event.key === "Delete") key = "";
  else if (event.key.length === 1 && event.key !== " ") key = event.key.toLowerCase();
  else if (named.includes(event.key)) key = event.key;
  if (key === null) return; // Tab, Enter and Escape stay the browser's
  event.preventDefault();
  field.value = key;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
