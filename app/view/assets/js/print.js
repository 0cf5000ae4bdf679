// Pages that are made for paper offer to print; without us the browser's own menu does.
for (const button of document.querySelectorAll("[data-print]")) {
	button.hidden = false;
	button.addEventListener("click", () => window.print());
}
