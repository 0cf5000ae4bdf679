// The search field: "/" or Ctrl-K from anywhere, arrows among what it found.
import { say } from "./say.js";

const box = document.querySelector("[data-search]");
const input = document.getElementById("page-search");
const found = document.getElementById("page-suggestions");

if (box && input && found) {
	const links = () => [...found.querySelectorAll("a, button")];
	const close = () => { found.hidden = true; };

	const typing = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

	document.addEventListener("keydown", (event) => {
		const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target) && !box.hasAttribute("data-keys-off");
		const control = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k";
		if (!slash && !control) return;
		event.preventDefault();
		input.focus();
		input.select();
	});

	box.addEventListener("keydown", (event) => {
		if (event.key === "Escape") {
			if (!found.hidden) event.preventDefault(); // otherwise the browser empties the field
			close();
			input.focus();
			return;
		}
		if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
		if (found.hidden && found.childElementCount > 0) found.hidden = false;
		const all = links();
		if (all.length === 0) return;
		event.preventDefault();
		const at = all.indexOf(document.activeElement);
		const next = event.key === "ArrowDown" ? Math.min(at + 1, all.length - 1) : at - 1;
		(next < 0 ? input : all[next]).focus();
	});

	// A letter typed on a suggestion goes on in the field.
	found.addEventListener("keydown", (event) => {
		if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") input.focus();
	});

	input.addEventListener("htmx:beforeRequest", (event) => {
		if (input.value.trim() !== "") return;
		event.preventDefault();
		found.replaceChildren();
		close();
	});
	found.addEventListener("htmx:afterSwap", () => {
		if (input.value.trim() === "" || !box.contains(document.activeElement)) return close();
		found.hidden = found.childElementCount === 0;
		say(found.querySelector("[data-say]")?.dataset.say);
	});

	box.addEventListener("focusout", (event) => {
		if (!box.contains(event.relatedTarget)) close();
	});
	// Pressing the mouse on a suggestion must not close it before the click.
	found.addEventListener("mousedown", (event) => event.preventDefault());
	input.addEventListener("focus", () => {
		if (found.childElementCount > 0 && input.value.trim() !== "") found.hidden = false;
	});
}
