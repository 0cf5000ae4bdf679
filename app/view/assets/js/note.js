// A goal of a note opens with the answer to how it is going.
document.addEventListener("change", (event) => {
	if (event.target.type !== "radio" || !event.target.value) return;
	const more = event.target.closest("[data-goal]")?.querySelector("details");
	if (more && !more.contains(event.target)) more.open = true;
});
