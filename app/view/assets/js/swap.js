// Parts that htmx replaced: keep the focus where the person is, or move it to what
// came; tell the session that the server was asked, and the page when it was not.
document.addEventListener("htmx:afterSettle", (event) => {
	event.detail.elt?.querySelector?.("[data-focus]")?.focus();
});
document.addEventListener("htmx:afterRequest", (event) => {
	const seconds = Number(event.detail.xhr?.getResponseHeader("X-Session-Seconds"));
	if (seconds > 0) document.dispatchEvent(new CustomEvent("konote:alive", { detail: seconds }));
});
document.addEventListener("htmx:responseError", (event) => {
	if (event.detail.xhr.status === 401) document.dispatchEvent(new Event("konote:signed-out"));
});
document.addEventListener("htmx:sendError", () => document.dispatchEvent(new Event("konote:unreachable")));

// htmx notes the address of the page, which may hold a name that was searched for.
try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch { /* no storage at all */ }
