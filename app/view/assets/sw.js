// The service worker knows one page: /offline, fetched without cookies. It keeps no
// data, and looks at nothing but the loading of whole pages.
const store = "offline-" + VERSION;

self.addEventListener("install", (event) => {
	const page = new Request("/offline", { cache: "reload", credentials: "omit" });
	event.waitUntil(caches.open(store).then((cache) => cache.add(page)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
	const clean = async () => {
		for (const name of await caches.keys()) {
			if (name !== store) await caches.delete(name);
		}
		await self.clients.claim();
	};
	event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
	if (event.request.mode === "navigate") event.respondWith(load(event.request));
});

async function load(request) {
	try {
		return await fetch(request);
	} catch (error) {
		if (request.method === "GET") return (await caches.match("/offline")) ?? Response.error();
		// A form: stay on the page, with all that was typed, and let it say so.
		for (const page of await self.clients.matchAll({ type: "window", includeUncontrolled: true })) page.postMessage("unsent");
		return new Response(null, { status: 204 });
	}
}
