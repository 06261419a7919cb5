// The list of settings as a slider: it moves through the same options, and says the numbers that the
// table has for the one it stands on.

const form = document.querySelector("[data-threshold]");
const choice = form.querySelector("select");
const slider = form.querySelector("[data-slider]");
const range = slider.querySelector("input");
const says = slider.querySelector("output");
const rows = [...document.querySelectorAll("[data-setting]")];

range.max = choice.options.length - 1;
range.value = choice.selectedIndex;
choice.classList.add("visually-hidden");
choice.tabIndex = -1;
choice.setAttribute("aria-hidden", "true");
slider.hidden = false;

function show() {
  choice.selectedIndex = Number(range.value);
  for (const row of rows) row.setAttribute("aria-selected", String(row.dataset.setting === choice.value));
  const [joins, questions, wrong] = [...rows[choice.selectedIndex].querySelectorAll("td")].map((cell) => cell.textContent);
  const text = `${choice.selectedOptions[0].textContent}: ${joins} automatic joins, ${questions} questions, ${wrong} wrong joins expected`;
  says.textContent = text;
  range.setAttribute("aria-valuetext", text);
}

range.addEventListener("input", show);
show();
