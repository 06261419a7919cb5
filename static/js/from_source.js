// The fields of a new source stand there only while no source is chosen. Without this they always do.

const source = document.querySelector('select[name="source"]');
const fresh = document.querySelector("[data-new-source]");

function show() {
  fresh.hidden = source.value !== "";
}

source.addEventListener("change", show);
show();
