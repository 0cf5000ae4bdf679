// say reads a short text out politely. The text is cleared first, so that the same
// words twice are said twice.
export function say(text) {
	const status = document.getElementById("page-status");
	if (!status || !text) return;
	status.textContent = "";
	setTimeout(() => { status.textContent = text; }, 60);
}
