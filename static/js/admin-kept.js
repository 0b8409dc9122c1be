// On the pages of the login: says that what was typed into an article and not saved is safe in this browser.
import { someKept } from "./unsaved.js";

const said = document.querySelector("[data-kept]");
if (said && someKept()) said.hidden = false;
