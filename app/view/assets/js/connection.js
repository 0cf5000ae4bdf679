// A form that cannot be sent says so, keeps what was typed, and is sent when told.
import { changed, forms, stopSending } from "./form.js";
import { say } from "./say.js";

const line = document.getElementById("page-connection");
const text = line?.querySelector("[data-text]");
const send = line?.querySelector("[data-send]");
let waiting = null;

function show(words, mayClose) {
	if (!line) return;
	text.textContent = words;
	send.hidden = !waiting;
	line.querySelector("[data-close]").hidden = !mayClose;
	line.hidden = false;
	say(words);
}

// A form that did not leave waits here.
function unsent({ form, submitter }) {
	waiting = { form, submitter };
	show(line?.dataset.unsent, true);
}

document.addEventListener("konote:unsent", (event) => unsent(event.detail));

window.addEventListener("offline", () => {
	if (forms().length > 0) show(line?.dataset.lost, true);
});

window.addEventListener("online", () => {
	if (!line || line.hidden) return;
	show(line.dataset.back, true);
	if (!waiting) setTimeout(() => { line.hidden = true; }, 4000);
});

send?.addEventListener("click", () => {
	if (!waiting) return;
	const { form, submitter } = waiting;
	waiting = null;
	line.hidden = true;
	form.requestSubmit(submitter?.isConnected ? submitter : undefined);
});

line?.querySelector("[data-close]").addEventListener("click", () => { line.hidden = true; });

document.addEventListener("konote:unreachable", () => {
	if (forms().some(changed)) show(line?.dataset.lost, true);
});

// The service worker answers a form that could not be sent with "stay here", and says
// so to every page; the one that was sending listens.
navigator.serviceWorker?.addEventListener("message", (event) => {
	if (event.data !== "unsent") return;
	const stopped = stopSending();
	if (stopped) unsent(stopped);
});
navigator.serviceWorker?.register("/sw.js").catch(() => {});
