// Forms: sent once, counted, revealed, and not left by mistake.

// changed says whether a form holds something that is not saved. It compares with what
// the server sent, so that typing and taking back is no change.
export function changed(form) {
	// Nobody minds leaving a sign-in form, and a password is never kept.
	if (form.querySelector("input[type=password]")) return false;
	if (form.hasAttribute("data-unsaved")) return true;
	return [...form.elements].some((control) => {
		if (control.type === "hidden" || control.disabled || !control.name) return false;
		if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
		if (control.tagName === "SELECT") {
			const given = [...control.options].findIndex((option) => option.defaultSelected);
			return control.selectedIndex !== Math.max(given, 0);
		}
		return control.tagName !== "BUTTON" && control.value !== control.defaultValue;
	});
}

export const forms = () => [...document.querySelectorAll("form.form[data-form]")];

// sending is the form that is on its way with the button that sent it, if any.
export let sending = null;

export function stopSending() {
	if (!sending) return null;
	const { form, submitter, label } = sending;
	clearTimeout(sending.timer);
	if (submitter) submitter.removeAttribute("aria-disabled");
	if (label !== undefined) submitter.textContent = label;
	sending = null;
	return { form, submitter };
}

document.addEventListener("submit", (event) => {
	const form = event.target;
	if (event.defaultPrevented || form.method !== "post" || !form.hasAttribute("data-form")) return;
	if (sending) {
		event.preventDefault();
		return;
	}
	if (!navigator.onLine) {
		event.preventDefault();
		document.dispatchEvent(new CustomEvent("konote:unsent", { detail: { form, submitter: event.submitter } }));
		return;
	}
	const submitter = event.submitter;
	sending = { form, submitter };
	submitter?.setAttribute("aria-disabled", "true");
	sending.timer = setTimeout(() => {
		if (submitter?.dataset.busy) {
			sending.label = submitter.textContent;
			submitter.textContent = submitter.dataset.busy;
		}
		// A download or an answer without a page leaves this page standing.
		sending.timer = setTimeout(stopSending, 15000);
	}, 300);
});

window.addEventListener("pageshow", stopSending);

// kept says that the server has, or is being sent, what the form holds.
const kept = (form) => form.hasAttribute("data-draft") && (form.dataset.draftState ?? "saved") === "saved";

window.addEventListener("beforeunload", (event) => {
	if (!sending && forms().some((form) => changed(form) && !kept(form))) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
	if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
	const form = event.target.closest?.("form.form[data-form]");
	const button = form?.querySelector("button.button-primary");
	if (!button) return;
	event.preventDefault();
	form.requestSubmit(button);
});

document.addEventListener("click", (event) => {
	const button = event.target.closest?.("[data-show]");
	if (!button) return;
	const input = document.getElementById(button.getAttribute("aria-controls"));
	const label = button.textContent;
	button.textContent = button.dataset.show;
	button.dataset.show = label;
	input.type = input.type === "password" ? "text" : "password";
	input.focus();
});
for (const button of document.querySelectorAll("[data-show]")) button.hidden = false;

// A part that only some choices need is shown with those.
function reveal() {
	for (const part of document.querySelectorAll("[data-reveal]")) {
		const name = part.dataset.reveal;
		const chosen = document.querySelector(`[name="${CSS.escape(name)}"]:checked, select[name="${CSS.escape(name)}"]`);
		part.hidden = !chosen || !part.dataset.revealValues.split(" ").includes(chosen.value);
	}
}
document.addEventListener("change", reveal);
reveal();

// The count of characters shows itself when they run short.
document.addEventListener("input", (event) => {
	const count = event.target.id && document.querySelector(`[data-count="${CSS.escape(event.target.id)}"]`);
	if (!count) return;
	const used = [...event.target.value].length;
	const max = Number(count.dataset.max);
	count.hidden = used < max * 0.8;
	count.classList.toggle("count-over", used > max);
	count.textContent = count.dataset.text.replace("%", used.toLocaleString(document.documentElement.lang));
});

// Whoever is faster than this page, and in a field already, stays there.
for (const summary of document.querySelectorAll("[data-focus]")) {
	if (!document.activeElement || document.activeElement === document.body) summary.focus();
}
