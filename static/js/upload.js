// Drop a file anywhere on the form; say at once when it is too large; show the new source's fields
// only when no source is chosen. The form works without this.

const form = document.querySelector("form[data-drop]");
const file = form.querySelector('input[type="file"]');
const source = form.querySelector('select[name="source"]');
const details = document.getElementById("new-source");
const limit = Number(file.dataset.limitMb);

function check() {
  const [chosen] = file.files;
  const tooLarge = chosen && chosen.size > limit * 1024 * 1024;
  file.setCustomValidity(tooLarge ? `This file is larger than ${limit} MB, which is the limit here.` : "");
  if (tooLarge) file.reportValidity();
}

// Fields that are not shown must not hold the form back.
function showSource() {
  details.hidden = source.value !== "";
  details.open = source.value === "";
  for (const field of details.querySelectorAll("input, select, textarea")) field.disabled = details.hidden;
}

file.addEventListener("change", check);
source.addEventListener("change", showSource);
showSource();

for (const name of ["dragenter", "dragover"]) {
  form.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
}
form.addEventListener("dragleave", (event) => {
  if (!form.contains(event.relatedTarget)) form.classList.remove("dropping");
});
form.addEventListener("drop", (event) => {
  form.classList.remove("dropping");
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  file.files = event.dataTransfer.files;
  check();
});
