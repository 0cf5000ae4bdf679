// Passkeys: the server says what is to be signed, the browser asks the person, and the
// form carries the answer like any other. Without this, or where the browser knows no
// passkeys, codes of an app do the same.
const able = "credentials" in navigator && typeof PublicKeyCredential === "function";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const listed = (list) => list?.map((item) => ({ ...item, id: bytes(item.id) }));

// question makes of the server's words what the browser wants.
function question(options) {
	const made = { ...options, challenge: bytes(options.challenge) };
	if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
	if (options.excludeCredentials) made.excludeCredentials = listed(options.excludeCredentials);
	if (options.allowCredentials) made.allowCredentials = listed(options.allowCredentials);
	return made;
}

// answer makes words of what the browser gives back.
function answer(credential) {
	const given = credential.response;
	const response = { clientDataJSON: text(given.clientDataJSON) };
	for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
		if (given[name]) response[name] = text(given[name]);
	}
	return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
		clientExtensionResults: credential.getClientExtensionResults() });
}

async function ask(form) {
	const line = form.querySelector("[data-passkey-text]");
	line.textContent = "";
	try {
		const asked = await fetch(form.dataset.ask, { method: "POST", redirect: "manual", headers: { "X-CSRF": form.elements.csrf.value } });
		if (!asked.ok) throw new Error("not asked");
		const publicKey = question(await asked.json());
		const credential = form.dataset.passkey === "create"
			? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
		form.elements.credential.value = answer(credential);
	} catch {
		line.textContent = form.dataset.failed;
		return;
	}
	form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
	if (!able) continue;
	form.hidden = false;
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		ask(form);
	});
}
