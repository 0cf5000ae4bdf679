// The language switch keeps what was typed: where a form holds something, the form is
// sent with the wish instead of following the link.
import { changed, forms } from "./form.js";

document.addEventListener("click", (event) => {
	const link = event.target.closest?.("a[data-language]");
	if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
	const form = forms().find(changed);
	const button = form?.querySelector(`button[name="switch_language"]`);
	if (!button) return;
	event.preventDefault();
	form.requestSubmit(button);
});
