// Adds, removes and moves criteria in the page. Without this file the same buttons ask the server
// to send the form back rearranged.

const form = document.querySelector("form[data-criteria]");

form?.addEventListener("click", (event) => {
  const button = event.target.closest("button[name='move']");
  if (!button) return;
  event.preventDefault();
  const [verb] = button.value.split(":");
  const list = form.querySelector(`ol[data-kind="${button.dataset.kind}"]`);
  const row = button.closest("li");
  if (verb === "add") add(list);
  else if (verb === "remove") remove(list, row);
  else move(row, verb, button);
  form.querySelector("[data-unsaved]").hidden = false;
  // app.js asks before unsaved words are left; a moved row is as unsaved as a typed one.
  list.querySelector("textarea").dispatchEvent(new Event("input", { bubbles: true }));
});

function add(list) {
  const row = list.lastElementChild.cloneNode(true);
  row.querySelector("textarea").value = "";
  list.append(row);
  row.querySelector("textarea").focus();
}

function remove(list, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if (next) row.remove();
  else row.querySelector("textarea").value = ""; // one empty row always stays
  (next ?? row).querySelector("textarea").focus();
}

function move(row, verb, button) {
  if (verb === "up") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  button.focus();
}
