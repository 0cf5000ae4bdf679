// The session's end is announced two minutes before. Any key stays. When it has ended,
// what was typed is kept until the same person is signed in again; a page on which
// nothing was typed leaves by itself. Tabs tell each other that they are alive or that
// someone signed out, and the server is asked only when time seems to be up.
import { changed, forms } from "./form.js";
import { say } from "./say.js";

const tabs = new BroadcastChannel("konote-session");
const panel = document.getElementById("page-session");
if (!panel) tabs.postMessage("gone");
else {
	const whole = Number(panel.dataset.idle);
	const text = panel.querySelector("[data-text]");
	const stay = panel.querySelector("form");
	const again = panel.querySelector("[data-again]");
	let end = 0; // by this machine's clock, which jumps when it sleeps
	let timer = 0;
	let state = "alive"; // alive, asking, warned, ended

	const ahead = (seconds) => Math.min(120, seconds / 2) * 1000;

	function alive(seconds = whole) {
		state = "alive";
		end = Date.now() + seconds * 1000;
		panel.hidden = true;
		wait(end - ahead(seconds));
	}

	function wait(until) {
		clearTimeout(timer);
		timer = setTimeout(look, Math.max(until - Date.now(), 0));
	}

	// look asks the server how long there really is: another tab, another machine or a
	// clock may have changed it. Asking does not keep the session alive.
	async function look() {
		if (state !== "alive" && state !== "warned") return;
		const before = state;
		state = "asking";
		let left = (end - Date.now()) / 1000;
		try {
			const answer = await fetch("/session/state", { redirect: "manual" });
			if (answer.ok) left = (await answer.json()).seconds;
		} catch { /* no connection: our own clock must do */ }
		if (state !== "asking") return;
		end = Date.now() + left * 1000;
		if (left <= 0) return over();
		if (left * 1000 > ahead(whole) + 1000) return alive(left);
		state = "warned";
		if (before !== "warned") show(panel.dataset.warning);
		wait(end);
	}

	function show(words) {
		text.textContent = words;
		stay.hidden = state !== "warned";
		again.hidden = state !== "ended";
		panel.hidden = false;
		say(words);
	}

	function over() {
		state = "ended";
		clearTimeout(timer);
		if (forms().some(changed)) show(panel.dataset.ended);
		else location.replace(location.pathname + location.search);
	}

	async function extend() {
		if (state !== "warned") return;
		state = "asking";
		try {
			const answer = await fetch(stay.action, { method: "POST", body: new URLSearchParams({ csrf: stay.elements.csrf.value }), redirect: "manual" });
			if (!answer.ok) return over();
			alive(Number(answer.headers.get("X-Session-Seconds")) || whole);
		} catch {
			state = "warned"; // no connection: the next key asks again
			return wait(end);
		}
		tabs.postMessage("alive");
		say(panel.dataset.extended);
	}

	// renew asks whether the person who typed here is signed in again. Her page's own
	// token answers that; it is never replaced, so nobody else can send her words.
	async function renew() {
		if (state !== "ended") return false;
		const answer = await fetch("/session", { headers: { "X-CSRF": stay.elements.csrf.value }, redirect: "manual" }).catch(() => null);
		if (!answer?.ok) return false;
		if (state !== "ended") return true; // another question was answered first
		alive();
		say(panel.dataset.renewed);
		document.dispatchEvent(new Event("konote:renewed"));
		return true;
	}

	// A form that is sent after the end goes when the same person is back.
	document.addEventListener("submit", async (event) => {
		if (state !== "ended" || event.target.method !== "post") return;
		event.preventDefault();
		event.stopImmediatePropagation();
		const submitter = event.submitter;
		if (await renew()) return event.target.requestSubmit(submitter);
		show(panel.dataset.ended);
		again.focus();
	}, true);

	tabs.addEventListener("message", (event) => {
		if (state === "ended") renew();
		else if (event.data === "gone") look();
		else alive();
	});
	window.addEventListener("pageshow", (event) => { if (event.persisted) look(); });
	document.addEventListener("visibilitychange", () => {
		if (document.visibilityState !== "visible") return;
		if (state === "ended") renew();
		else if (Date.now() >= end - ahead(whole)) look();
	});
	document.addEventListener("keydown", extend, true);
	stay.addEventListener("submit", (event) => {
		event.preventDefault();
		extend();
	});
	document.addEventListener("konote:alive", (event) => {
		if (state === "ended") return;
		alive(event.detail || whole);
		tabs.postMessage("alive");
	});
	document.addEventListener("konote:signed-out", () => { if (state !== "ended") over(); });

	alive();
	tabs.postMessage("alive");
}
