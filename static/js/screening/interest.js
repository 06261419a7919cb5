// A report that is not for me: a conflict of interest leaves it to others.

import { refill } from "./ahead.js";
import { desk } from "./desk.js";
import { address, one, page, say } from "./page.js";
import { complain, post } from "./server.js";
import { list, show, showList } from "./show.js";

async function declare() {
  const card = desk.current;
  if (!card) return;
  let told;
  try {
    told = await post(page.urls.recuse, new URLSearchParams({ report: card.id }));
  } catch (problem) {
    complain(problem, "No connection: nothing was declared.");
    return;
  }
  desk.remove([card.id]);
  list.drop(card.id);
  desk.left -= 1;
  desk.changing = null;
  one("#note").value = "";
  show();
  window.concord.say(`Left to others: “${card.title}”.`, "success", { label: "Undo", run: () => takeBack(card, told.interests[0]) });
  say(`Left to others. ${desk.next}`);
  refill();
}

async function takeBack(card, interest) {
  try {
    await post(address("takeBack", interest), new URLSearchParams());
  } catch (problem) {
    complain(problem, "No connection: it was not taken back.");
    return;
  }
  desk.putFirst([card]);
  desk.left += 1;
  show();
  showList({ anew: true });
  say(`Back to: ${card.title}`);
}

one("#recuse").addEventListener("submit", (event) => {
  event.preventDefault();
  declare();
});
