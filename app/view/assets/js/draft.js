// A form that keeps itself: what is typed is saved on the server within a second of each
// key, also while somebody goes on typing. Nothing is kept in the browser. The server
// decides what is newer; see the documentation of package draft.
import { sending } from "./form.js";
import { say } from "./say.js";

const soon = 600; // from the first key that the server does not have; the rest of the second is its
const patience = 10000; // for an answer
const small = 60000; // what a browser still sends while a page is being left

// apart are fields that are no part of what somebody wrote.
const apart = (name) => name === "csrf" || name === "stamp" || name === "switch_language" || name.startsWith("draft_") || name.includes("password");

function keep(form) {
	const status = form.querySelector("[data-draft-status]");
	const { draft_window: own, draft_sequence: sequence, draft_from: from } = form.elements;
	let kept = words(); // what the server has
	let since = 0; // the first key that it does not have
	let timer = 0;
	let busy = false;
	let tries = 0; // in vain
	let before = ""; // what the line said last, by kind

	// words are what somebody wrote, to be compared.
	function words() {
		return new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === "string" && !apart(name))).toString();
	}

	function line(kind, text) {
		form.dataset.draftState = kind;
		if (status) status.textContent = text;
		status?.classList.toggle("draft-failing", kind !== "saved");
		if (kind !== before) say(text); // once, not with each save
		before = kind;
	}

	function later(wait) {
		clearTimeout(timer);
		timer = setTimeout(save, wait);
	}

	function typed() {
		const now = Date.now();
		since ||= now;
		later(Math.max(0, since + soon - now));
	}

	async function save(leaving = false) {
		if (sending || (busy && !leaving)) return later(soon);
		const now = words();
		if (now === kept) return;
		since = 0;
		const number = Number(sequence.value) + 1;
		sequence.value = number;
		const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
		busy = true;
		let answer = null;
		try {
			answer = await fetch(form.dataset.draft, {
				method: "POST", body, redirect: "manual", keepalive: body.toString().length < small, signal: AbortSignal.timeout(patience),
			});
			if (answer.ok) answer.result = await answer.json();
		} catch {
			answer = null;
		}
		busy = false;
		if (Number(sequence.value) !== number) return; // a newer one is on its way
		done(answer, now);
	}

	function done(answer, text) {
		if (answer?.result) return saved(answer, text);
		if (answer?.status === 401 || answer?.status === 403) {
			line("ended", status?.dataset.ended);
			document.dispatchEvent(new Event("konote:signed-out"));
			return;
		}
		if (answer && answer.status >= 400 && answer.status < 500 && answer.status !== 429 && answer.status !== 408) {
			line("refused", status?.dataset.refused); // the next key tries again
			return;
		}
		line("failing", status?.dataset.failing);
		const asked = Number(answer?.headers.get("Retry-After")) * 1000 || 0;
		later(Math.max(asked, Math.min(1000 * 2 ** tries++, 15000)) + Math.random() * 500);
	}

	function saved(answer, text) {
		const { result } = answer;
		const seconds = Number(answer.headers.get("X-Session-Seconds"));
		if (seconds > 0) document.dispatchEvent(new CustomEvent("konote:alive", { detail: seconds }));
		// The page's own token was good, so whoever has it may have a fresh one.
		for (const field of document.querySelectorAll("input[name=csrf]")) field.value = result.token;
		tries = 0;
		if (result.over) {
			own.value = result.over;
			sequence.value = 0;
			from.value = "";
			return later(0);
		}
		kept = text;
		line("saved", status?.dataset.saved.replace("%", result.saved));
		compare(form, result.other);
		if (words() !== kept) typed();
	}

	form.addEventListener("input", typed);
	form.addEventListener("change", typed);
	document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(true); });
	window.addEventListener("beforeunload", () => save(true)); // before the next page is asked for, which may list it
	window.addEventListener("pagehide", () => save(true));
	window.addEventListener("online", () => later(0));
	document.addEventListener("konote:renewed", () => later(0));
	// A form that came back was never saved as it is now.
	if (form.hasAttribute("data-unsaved")) {
		kept = null;
		later(0);
	}
	if (form.dataset.draftOther) compare(form, JSON.parse(form.dataset.draftOther));
}

// compare puts below each field what another window has in it, where the two differ.
function compare(form, other) {
	const box = form.querySelector("[data-draft-conflict]");
	const known = !box.hidden;
	for (const note of form.querySelectorAll(".draft-other")) note.remove();
	box.hidden = true;
	if (!other) return;
	for (const [name, theirs] of Object.entries(other.values)) {
		const controls = [...form.elements].filter((control) => control.name === name && control.type !== "hidden" && control.tagName !== "BUTTON");
		if (controls.length === 0) continue;
		const mine = new FormData(form).getAll(name).map(tidy);
		if (mine.filter(Boolean).join("\n") === theirs.filter(Boolean).join("\n")) continue;
		controls[0].closest(".date-part, .field, fieldset")?.append(note(box, controls, theirs));
		box.hidden = false;
	}
	if (box.hidden) return;
	const title = box.querySelector(".notice-title");
	title.textContent = box.dataset.title.replace("%", other.saved);
	if (!known) say(title.textContent);
	document.getElementById("draft-drop").elements.draft_drop.value = other.window;
}

// tidy does what the server does with a value.
const tidy = (value) => value.replace(/\r\n?/g, "\n").trim();

function note(box, controls, values) {
	const part = document.createElement("div");
	part.className = "draft-other";
	const label = document.createElement("p");
	label.className = "quiet";
	label.textContent = box.dataset.other;
	const text = document.createElement("p");
	text.className = "prose";
	text.textContent = values.map((value) => shown(controls, value)).filter(Boolean).join(", ") || box.dataset.empty;
	const use = document.createElement("button");
	use.type = "button";
	use.className = "button button-neutral";
	use.textContent = box.dataset.use;
	use.addEventListener("click", () => {
		for (const [i, control] of controls.entries()) {
			if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
			else control.value = values[i] ?? "";
		}
		part.remove();
		controls[0].dispatchEvent(new Event("input", { bubbles: true }));
		controls[0].dispatchEvent(new Event("change", { bubbles: true }));
		controls[0].focus();
	});
	part.append(label, text, use);
	return part;
}

// shown is a value as the form itself calls it.
function shown(controls, value) {
	const option = controls.flatMap((control) => [...(control.options ?? [])]).find((o) => o.value === value);
	const box = controls.find((control) => /^(checkbox|radio)$/.test(control.type) && control.value === value);
	return option?.textContent.trim() ?? box?.labels[0]?.textContent.trim() ?? value;
}

const form = document.querySelector("form[data-draft]");
if (form) keep(form);

// "Keep only what is here" takes the other version away and leaves the page as it is.
const drop = document.getElementById("draft-drop");
drop?.addEventListener("submit", async (event) => {
	event.preventDefault();
	event.stopPropagation();
	const answer = await fetch(drop.action, { method: "POST", body: new URLSearchParams(new FormData(drop)), redirect: "manual" }).catch(() => null);
	if (answer?.type !== "opaqueredirect") return drop.submit(); // without us, then
	compare(form, null);
});
