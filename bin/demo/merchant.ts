/**
 * A member of staff at the browser, without the browser: the same requests that the embedded pages make, with session tokens
 * that the simulated shop signs, and the same code for identities that the pages run.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { ProgressModel } from "#app/ui/models.ts";
import type { AppProcess, SandboxProcess } from "./processes.ts";

/** The app turns away programs that call themselves so; a person's browser says something like this. */
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

export class Merchant {
  readonly #app: AppProcess;
  readonly #shop: SandboxProcess;
  readonly #staff: string | undefined;
  /** `staff`: which of the shop's staff (app/sandbox/auth/session-token.ts); the owner when absent. */
  constructor(app: AppProcess, shop: SandboxProcess, staff?: string) {
    this.#app = app;
    this.#shop = shop;
    this.#staff = staff;
  }

  /** What a page's loader gives. `route` is the file in app/routes without its ending. */
  async see<T>(route: string, path: string): Promise<T> {
    const answer = await this.#ask(route, path, {});
    const data: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${path} answered ${String(answer.status)}: ${JSON.stringify(data)}`);
    return data as T;
  }

  /** Sends what a page's form sends. Null when the answer leads to another page. */
  async send<T>(route: string, path: string, body: unknown): Promise<{ readonly data: T | null; readonly redirect: string | null }> {
    const answer = await this.#ask(route, path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const redirect = answer.headers.get("X-Remix-Redirect") ?? answer.headers.get("Location");
    if (redirect !== null) return { data: null, redirect };
    const told = (await answer.json()) as { ok: boolean; data?: T; error?: { code: string } };
    if (!told.ok) throw new Error(`${path} was refused: ${told.error?.code ?? "without a code"}`);
    return { data: told.data ?? null, redirect: null };
  }

  async askForSnapshot(): Promise<void> {
    await this.send("app._index", "/app?index", { intent: "snapshot" });
  }

  /** Until nothing is under way. `onLook`: is told each time it was looked, the last time that nothing is. */
  async idle({ everyMs = 1_000, onLook }: { readonly everyMs?: number; readonly onLook?: (run: ProgressModel["run"]) => void } = {}): Promise<void> {
    for (;;) {
      const { run } = await this.see<ProgressModel>("app.progress", "/app/progress");
      onLook?.(run);
      if (run === null) return;
      await pause(everyMs);
    }
  }

  async #ask(route: string, path: string, init: RequestInit): Promise<Response> {
    const url = new URL(path, this.#app.url);
    url.searchParams.set("_data", `routes/${route}`);
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${await this.#sessionToken()}`);
    headers.set("User-Agent", BROWSER);
    return fetch(url, { ...init, headers, redirect: "manual" });
  }

  /** Tokens live a minute, so each request brings a new one, as App Bridge does. */
  async #sessionToken(): Promise<string> {
    const answer = await fetch(`${this.#shop.url}/sandbox/session-token`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(this.#staff === undefined ? {} : { staff: this.#staff }) });
    return ((await answer.json()) as { token: string }).token;
  }
}
