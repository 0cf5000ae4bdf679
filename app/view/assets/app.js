// What every page does beyond plain HTML. Nothing here is needed to use KoNote, and
// nothing is kept in the browser.
import "./js/menu.js";
import "./js/form.js";
import "./js/language.js";
import "./js/connection.js";
import "./js/draft.js";
import "./js/print.js";
import "./js/note.js";
import "./js/passkey.js";
import "./js/session.js";
import { say } from "./js/say.js";

say(document.querySelector(".flash")?.textContent.trim());
