// @ts-nocheck
/** The admin page around the embedded app: menu, title bar, save bar, toasts, and the session tokens it vouches with. */
(() => {
  "use strict";
  const page = document.documentElement.dataset;
  const frame = document.getElementById("app");
  const byId = (id) => document.getElementById(id);
  const appOrigin = page.appOrigin;
  const reply = (message) => frame.contentWindow?.postMessage({ sandbox: "host", ...message }, appOrigin);

  const token = async () => {
    const response = await fetch("/sandbox/session-token", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ session: page.session }) });
    if (!response.ok) throw new Error("The sandbox shop gave no session token");
    return (await response.json()).token;
  };

  const button = (action, press) => {
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = action.label;
    one.disabled = action.disabled;
    one.className = action.primary ? "primary" : action.critical ? "critical" : "plain";
    one.addEventListener("click", press);
    return one;
  };

  let here = page.appPath;
  const markCurrent = () => {
    const links = [...document.querySelectorAll("#app-menu a")];
    const path = here.split("?")[0];
    const best = links.filter((link) => path === link.dataset.href || path.startsWith(`${link.dataset.href.replace(/\/$/, "")}/`)).sort((a, b) => b.dataset.href.length - a.dataset.href.length)[0];
    const app = byId("app-link");
    for (const link of [...links, app]) link.removeAttribute("aria-current");
    (best ?? app).setAttribute("aria-current", "page");
  };
  const showMenu = (links) => {
    const shown = links.filter((link) => !link.home);
    const home = links.find((link) => link.home);
    byId("app-link").dataset.href = home?.href ?? "/";
    byId("app-menu").replaceChildren(
      ...shown.map(({ href, label }) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = page.base + href;
        link.dataset.href = href;
        link.textContent = label;
        item.append(link);
        return item;
      }),
    );
    markCurrent();
  };
  document.querySelector("nav").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-href]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    reply({ type: "navigate", href: link.dataset.href });
  });

  const toasts = new Map();
  const hideToast = (id) => {
    const shown = toasts.get(id);
    if (!shown) return;
    clearTimeout(shown.timer);
    shown.element.remove();
    toasts.delete(id);
    reply({ type: "toast-hidden", toast: id });
  };
  const showToast = ({ toast, message, isError, duration }) => {
    const element = document.createElement("div");
    element.className = isError ? "toast error" : "toast";
    const text = document.createElement("span");
    text.textContent = isError ? `Error: ${message}` : message;
    const close = button({ label: "Dismiss", disabled: false }, () => hideToast(toast));
    close.setAttribute("aria-label", `Dismiss: ${message}`);
    element.append(text, close);
    byId("toasts").append(element);
    toasts.set(toast, { element, timer: setTimeout(() => hideToast(toast), Math.max(2000, duration)) });
  };

  const showFrame = ({ links, title, actions, saveBar }) => {
    showMenu(links);
    byId("page-title").textContent = title || page.appName;
    document.title = `${title || page.appName} · ${page.shopName} · Sandbox`;
    byId("actions").replaceChildren(...actions.map((action) => button(action, () => reply({ type: "press", on: "title-bar", index: action.index }))));
    const bar = byId("save-bar");
    bar.hidden = saveBar === null;
    byId("save-actions").replaceChildren(...(saveBar?.actions ?? []).map((action) => button({ ...action, label: action.label || (action.primary ? "Save" : "Discard") }, () => reply({ type: "press", on: "save-bar", id: saveBar.id, index: action.index }))));
  };

  const scopesOf = async (what, scopes) => {
    const response = await fetch("/sandbox/app-scopes", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ do: what, scopes }) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.errors);
    return answer;
  };
  /** Asks the person at the admin. Resolves as App Bridge's scopes.request does. */
  const requestScopes = async (scopes) => {
    const now = await scopesOf("query", scopes);
    const missing = scopes.filter((scope) => !now.granted.includes(scope));
    if (missing.length === 0) return { result: "granted-all", detail: now };
    const dialog = document.createElement("dialog");
    dialog.className = "ask";
    const heading = document.createElement("h2");
    heading.id = "ask-heading";
    heading.textContent = `${page.appName} asks for more access`;
    dialog.setAttribute("aria-labelledby", heading.id);
    const list = document.createElement("ul");
    list.append(...missing.map((scope) => Object.assign(document.createElement("li"), { textContent: scope })));
    const answer = await new Promise((resolve) => {
      const actions = document.createElement("div");
      actions.className = "actions";
      actions.append(button({ label: "Decline" }, () => dialog.close("decline")), button({ label: "Allow", primary: true }, () => dialog.close("allow")));
      dialog.append(heading, list, actions);
      // Escape closes it without an answer, which is none.
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "allow"));
      document.body.append(dialog);
      dialog.showModal();
    });
    dialog.remove();
    frame.focus();
    return answer ? { result: "granted-all", detail: await scopesOf("grant", missing) } : { result: "declined-all", detail: now };
  };

  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== appOrigin || event.data?.sandbox !== "app") return;
    const message = event.data;
    const answer = (work) => work.then((value) => reply({ type: "answer", id: message.id, value }), (error) => reply({ type: "answer", id: message.id, error: String(error.message) }));
    if (message.type === "token") answer(token());
    else if (message.type === "user") answer(Promise.resolve({ id: page.staffId, name: page.staffName, accountAccess: "full" }));
    else if (message.type === "scopes") answer(message.do === "request" ? requestScopes(message.scopes) : scopesOf(message.do, message.scopes));
    else if (message.type === "frame") showFrame(message);
    else if (message.type === "toast") showToast(message);
    else if (message.type === "hide-toast") hideToast(message.toast);
    else if (message.type === "loading") byId("loading").hidden = !message.on;
    else if (message.type === "open") location.assign(message.url);
    else if (message.type === "location" && typeof message.path === "string" && message.path.startsWith("/") && !message.path.startsWith("/auth/")) {
      here = message.path;
      history.replaceState(null, "", page.base + (message.path === "/" ? "" : message.path));
      markCurrent();
    }
  });
})();
