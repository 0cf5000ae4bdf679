// Menus are details elements: they open without us. We close them with Escape, on a
// click elsewhere, and when another one opens.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("keydown", (event) => {
	if (event.key !== "Escape") return;
	for (const menu of openMenus()) {
		menu.open = false;
		if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
	}
});

document.addEventListener("click", (event) => {
	for (const menu of openMenus()) {
		if (!menu.contains(event.target)) menu.open = false;
	}
});

document.addEventListener("focusin", (event) => {
	for (const menu of openMenus()) {
		if (!menu.contains(event.target)) menu.open = false;
	}
});
