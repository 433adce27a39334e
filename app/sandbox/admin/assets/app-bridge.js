/* eslint-disable -- a browser script, served as it stands: rules about types say nothing useful of it */
// @ts-nocheck
/**
 * A stand-in for Shopify's App Bridge, for the sandbox shop's admin page: runs inside the embedded app's frame and talks to the page
 * around it by postMessage. Written for this project; it knows what Holdfast uses of the real one, and no more.
 */
(() => {
  "use strict";
  if (window.shopify) return;
  const script = document.currentScript;
  const parameters = new URLSearchParams(location.search);
  const kept = (name) => {
    const given = parameters.get(name);
    try {
      if (given) sessionStorage.setItem(`sandbox-${name}`, given);
      return given || sessionStorage.getItem(`sandbox-${name}`) || "";
    } catch {
      return given || "";
    }
  };
  const apiKey = script?.dataset.apiKey || document.querySelector('meta[name="shopify-api-key"]')?.content || "";
  const config = { apiKey, shop: kept("shop"), host: kept("host"), locale: kept("locale") || "en" };

  // -- the page around us
  const embedded = window.parent !== window;
  const waiting = new Map();
  let sequence = 0;
  const send = (type, detail = {}) => {
    if (embedded) window.parent.postMessage({ sandbox: "app", type, ...detail }, "*");
  };
  /** `patience`: how long to wait for the answer, in milliseconds; null where a person gives it. */
  const ask = (type, detail = {}, patience = 10_000) =>
    new Promise((resolve, reject) => {
      if (!embedded) return reject(new Error("App Bridge: the app is not inside the admin"));
      const id = ++sequence;
      const timer = patience === null ? null : setTimeout(() => (waiting.delete(id), reject(new Error(`App Bridge: no answer to ${type}`))), patience);
      waiting.set(id, (message) => (clearTimeout(timer), message.error ? reject(new Error(message.error)) : resolve(message.value)));
      send(type, { ...detail, id });
    });
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.data?.sandbox !== "host") return;
    const message = event.data;
    if (message.type === "answer") {
      const done = waiting.get(message.id);
      waiting.delete(message.id);
      done?.(message);
    } else if (message.type === "navigate") navigate(message.href);
    else if (message.type === "press") pressed(message);
    else if (message.type === "toast-hidden") toasts.get(message.toast)?.();
  });

  // -- session tokens, and requests that carry them
  let held = null;
  const idToken = async () => {
    const now = Date.now() / 1000;
    if (held && held.exp - now > 10) return held.token;
    const token = await ask("token");
    held = { token, exp: JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).exp };
    return token;
  };
  const plainFetch = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!embedded || new URL(request.url).origin !== location.origin || request.headers.has("Authorization")) return plainFetch(input, init);
    const authorized = async () => {
      const copy = request.clone();
      const headers = new Headers(copy.headers);
      headers.set("Authorization", `Bearer ${await idToken()}`);
      headers.set("X-Requested-With", "XMLHttpRequest");
      return plainFetch(new Request(copy, { headers }));
    };
    const response = await authorized();
    if (response.status !== 401 || !response.headers.get("X-Shopify-Retry-Invalid-Session-Request")) return response;
    held = null;
    return authorized();
  };

  // -- the bounce page: comes with shopify-reload, wants to be left with a token
  const reload = parameters.get("shopify-reload");
  if (reload) {
    idToken().then((token) => {
      const next = new URL(reload, location.origin);
      if (next.origin !== location.origin) return;
      next.searchParams.set("id_token", token);
      location.replace(next.href);
    }, () => undefined);
  }

  // -- navigation
  const navigate = (href) => {
    const known = [...document.querySelectorAll("ui-nav-menu a, s-app-nav a, s-app-nav s-link")].find((link) => link.getAttribute("href") === href);
    const link = known || Object.assign(document.createElement("a"), { href });
    if (!known) link.setAttribute("href", href);
    if (!known) (link.hidden = true), document.body.append(link);
    const untouched = link.dispatchEvent(new CustomEvent("shopify:navigate", { bubbles: true, cancelable: true }));
    if (!known) link.remove();
    if (untouched && !handlesNavigation) location.assign(href);
  };
  // The app's router listens for shopify:navigate on the document; without one, a link is a page load.
  let handlesNavigation = false;
  const listen = document.addEventListener.bind(document);
  document.addEventListener = (type, ...rest) => {
    if (type === "shopify:navigate") handlesNavigation = true;
    return listen(type, ...rest);
  };
  const where = () => send("location", { path: location.pathname + location.search.replace(/[?&](?:embedded|hmac|host|id_token|locale|session|shop|timestamp)=[^&]*/g, "").replace(/^&/, "?"), title: document.title });
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name].bind(history);
    history[name] = (...rest) => {
      original(...rest);
      where();
    };
  }
  window.addEventListener("popstate", where);
  const open = window.open.bind(window);
  window.open = (url, target, ...rest) => {
    if (embedded && (target === "_top" || target === "_parent")) return send("open", { url: new URL(url, location.href).href }), null;
    return open(url, target, ...rest);
  };
  listen("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[target="_top"], a[target="_parent"]') : null;
    if (!embedded || !link || event.defaultPrevented) return;
    event.preventDefault();
    send("open", { url: link.href });
  });

  // -- toasts
  const toasts = new Map();
  const toast = {
    show: (message, options = {}) => {
      const id = `toast-${++sequence}`;
      send("toast", { toast: id, message: String(message), isError: options.isError === true, duration: options.duration ?? 5000 });
      toasts.set(id, () => (toasts.delete(id), options.onDismiss?.()));
      return id;
    },
    hide: (id) => send("hide-toast", { toast: id }),
  };

  // -- things shown by the page around the frame: menu, title bar, save bar
  const buttonsOf = (element) => [...element.querySelectorAll("button, a")].map((one, index) => ({ index, label: one.textContent.trim(), primary: one.getAttribute("variant") === "primary", critical: one.getAttribute("tone") === "critical", disabled: one.hasAttribute("disabled"), breadcrumb: one.getAttribute("variant") === "breadcrumb" }));
  const shownBars = new Set();
  const pressed = ({ on, index, id }) => {
    const element = on === "save-bar" ? document.getElementById(id) || [...shownBars][0] : [...document.querySelectorAll("ui-title-bar")].find((bar) => !bar.closest("ui-modal"));
    element?.querySelectorAll("button, a")[index]?.click();
  };
  let last = "";
  const mirror = () => {
    const menu = document.querySelector("ui-nav-menu, s-app-nav");
    const links = menu ? [...menu.querySelectorAll("a, s-link")].map((link) => ({ href: link.getAttribute("href"), label: link.textContent.trim(), home: link.getAttribute("rel") === "home" })) : [];
    const bar = [...document.querySelectorAll("ui-title-bar")].find((one) => !one.closest("ui-modal"));
    const saving = [...shownBars].find((one) => one.isConnected);
    const state = { links, title: bar?.getAttribute("title") || document.title, actions: bar ? buttonsOf(bar) : [], saveBar: saving ? { id: saving.id, actions: buttonsOf(saving) } : null };
    const text = JSON.stringify(state);
    if (text === last) return;
    last = text;
    send("frame", state);
  };

  class Bar extends HTMLElement {
    get showing() {
      return shownBars.has(this);
    }
    show() {
      if (shownBars.has(this)) return Promise.resolve();
      shownBars.add(this);
      this.dispatchEvent(new CustomEvent("show"));
      mirror();
      return Promise.resolve();
    }
    hide() {
      if (!shownBars.delete(this)) return Promise.resolve();
      this.dispatchEvent(new CustomEvent("hide"));
      mirror();
      return Promise.resolve();
    }
    toggle() {
      return this.showing ? this.hide() : this.show();
    }
  }

  /** A modal is a real dialog inside the frame: focus stays in it and Escape closes it. */
  class Modal extends HTMLElement {
    #dialog = null;
    #heading = null;
    #actions = null;
    #content = null;
    get content() {
      this.#build();
      return this.#content;
    }
    get showing() {
      return this.#dialog?.open === true;
    }
    #build() {
      if (this.#dialog) return;
      this.#dialog = document.createElement("dialog");
      this.#dialog.className = "sandbox-modal";
      this.#heading = document.createElement("h2");
      this.#heading.id = `sandbox-modal-${++sequence}`;
      this.#dialog.setAttribute("aria-labelledby", this.#heading.id);
      this.#content = document.createElement("div");
      this.#actions = document.createElement("footer");
      this.#dialog.append(this.#heading, this.#content, this.#actions);
      this.#dialog.addEventListener("close", () => this.dispatchEvent(new CustomEvent("hide")));
      document.body.append(this.#dialog);
    }
    show() {
      this.#build();
      const bar = this.querySelector("ui-title-bar");
      this.#heading.textContent = bar?.getAttribute("title") || "Dialog";
      this.#actions.replaceChildren(
        ...[...(bar?.querySelectorAll("button, a") ?? [])].map((original) => {
          const copy = document.createElement("button");
          copy.type = "button";
          copy.textContent = original.textContent;
          copy.disabled = original.hasAttribute("disabled");
          copy.addEventListener("click", () => original.click());
          return copy;
        }),
      );
      if (!this.#dialog.open) this.#dialog.showModal();
      this.dispatchEvent(new CustomEvent("show"));
      return Promise.resolve();
    }
    hide() {
      if (this.#dialog?.open) this.#dialog.close();
      return Promise.resolve();
    }
    toggle() {
      return this.showing ? this.hide() : this.show();
    }
    disconnectedCallback() {
      this.#dialog?.remove();
      this.#dialog = null;
    }
  }
  customElements.define("ui-save-bar", Bar);
  customElements.define("ui-modal", Modal);

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    ui-nav-menu, s-app-nav, ui-title-bar, ui-save-bar, ui-modal { display: none; }
    .sandbox-modal { border: 1px solid #8a8a8a; border-radius: 12px; padding: 16px 20px; max-width: min(640px, 90vw); color: #303030; background: #fff; font: 14px/1.5 system-ui, sans-serif; }
    .sandbox-modal::backdrop { background: rgb(0 0 0 / 45%); }
    .sandbox-modal h2 { margin: 0 0 12px; font-size: 16px; }
    .sandbox-modal footer { display: flex; gap: 8px; justify-content: flex-end; margin-top: 16px; }
    .sandbox-modal footer button { font: inherit; padding: 6px 14px; border-radius: 8px; border: 1px solid #616161; background: #fff; color: #303030; }
  `);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  const element = (id, kind) => {
    const found = document.getElementById(id);
    if (!found) throw new Error(`App Bridge: no ${kind} with the id ${id}`);
    return found;
  };
  const ready = new Promise((resolve) => {
    const start = () => {
      new MutationObserver(mirror).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      mirror();
      where();
      resolve();
    };
    if (document.readyState === "loading") listen("DOMContentLoaded", start, { once: true });
    else start();
  });

  window.shopify = {
    config,
    origin: location.origin,
    ready,
    environment: { embedded, mobile: false, intent: false },
    idToken,
    toast,
    loading: (on) => send("loading", { on: on !== false }),
    modal: { show: (id) => element(id, "modal").show(), hide: (id) => element(id, "modal").hide(), toggle: (id) => element(id, "modal").toggle() },
    saveBar: {
      show: (id) => element(id, "save bar").show(),
      hide: (id) => element(id, "save bar").hide(),
      toggle: (id) => element(id, "save bar").toggle(),
      leaveConfirmation: () => (shownBars.size === 0 || window.confirm("Leave without saving?") ? Promise.resolve() : Promise.reject(new Error("stay"))),
    },
    user: () => ask("user"),
    // https://shopify.dev/docs/api/app-bridge-library/apis/scopes: a request opens a dialog of the admin, and somebody answers it.
    scopes: {
      query: () => ask("scopes", { do: "query", scopes: [] }),
      request: (scopes) => ask("scopes", { do: "request", scopes: [...scopes] }, null),
      revoke: async (scopes) => ({ detail: await ask("scopes", { do: "revoke", scopes: [...scopes] }) }),
    },
  };
  send("hello");
})();
