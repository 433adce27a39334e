/** Every screen in every state, rendered as the server renders it. */
import { describe, expect, test } from "@jest/globals";
import { AppProvider } from "@shopify/polaris";
import english from "@shopify/polaris/locales/en.json";
import type { ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { gallery } from "./gallery.tsx";

function html(screen: ReactElement): string {
  return renderToStaticMarkup(<AppProvider i18n={english}>{screen}</AppProvider>);
}
/** What can be read, tags away. */
function text(markup: string): string {
  return markup.replace(/<(style|script)[\s\S]*?<\/\1>/g, "").replace(/<[^>]+>/g, " ").replace(/&#x27;/g, "'").replace(/&amp;/g, "&").replace(/\s+/g, " ");
}
const show = (name: string) => html(gallery[name]!);

describe.each(Object.keys(gallery))("%s", (name) => {
  const markup = show(name);
  test("has one heading of the first level", () => expect(markup.match(/<h1/g)).toHaveLength(1));
  test("gives every id once", () => {
    const ids = [...markup.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });
  test("renders the same twice, so that server and browser agree", () => expect(show(name)).toBe(markup));
  test("leaves no hole where a word should be", () => expect(text(markup)).not.toMatch(/undefined|\bnull\b|NaN|\[object|Invalid Date/));
  test("says the exact time next to every relative one", () => {
    for (const [, attributes, inner] of markup.matchAll(/<time([^>]*)>([\s\S]*?)<\/time>/g)) {
      expect(attributes).toMatch(/dateTime="|datetime="/);
      expect(`${attributes}${inner}`).toMatch(/\d{4}, \d\d:\d\d:\d\d UTC/);
    }
  });
});

describe("the overview", () => {
  test.each([["safe", "Safe"], ["unproven", "At risk"], ["gaps", "At risk"], ["failed", "Not safe"], ["drillFailed", "Not safe"], ["empty", "Not observed"]])("says %s as the word %s beside an icon", (state, word) => {
    const badge = /<span class="Polaris-Badge[\s\S]*?<svg[\s\S]*?<span class="Polaris-Text[^>]*>[\s\S]*?<\/span>/.exec(show(`overview-${state}`))?.[0] ?? "";
    expect(text(badge)).toContain(word);
    expect(badge).toContain("<svg");
  });
  test("shows set-up until it is done, with the button at the next step only", () => {
    expect(text(show("overview-linked"))).toContain("2 of 4 steps done");
    expect(text(show("overview-safe"))).not.toContain("Set-up");
  });
  test("shows a running snapshot with phase, records, estimate and a live region", () => {
    const markup = show("overview-running");
    expect(text(markup)).toContain("Reading and sealing records: customers");
    expect(text(markup)).toContain("21,480 of about 48,200 records so far, about a minute to go.");
    expect(markup).toContain('aria-live="polite"');
    expect(markup).toMatch(/<progress|role="progressbar"/);
  });
  test("a failure says what happened, what it means for the data, and what to do", () => {
    const said = text(show("overview-failed"));
    expect(said).toContain("the storage refused the last write: it is full");
    expect(said).toContain("Snapshots taken before are not touched; this one was not taken.");
    expect(said).toContain("Free space or raise the limit, then press Try again.");
  });
});

describe("snapshots", () => {
  test("an empty list starts the job, and before set-up starts set-up", () => {
    expect(text(show("snapshots-empty"))).toContain("Take a snapshot now");
    expect(text(show("snapshots-beforeSetup"))).toContain("Finish set-up");
    expect(text(show("snapshots-beforeSetup"))).not.toContain("Take a snapshot now");
  });
  test("a thousand are paged", () => {
    const markup = show("snapshots-long");
    expect(text(markup)).toContain("Page 3 of 20");
    expect(markup.match(/href="\/app\/snapshots\/[^"?]+"/g)?.length).toBe(50);
  });
  test("a long list of gaps is cut, and says how many there are", () => {
    const said = text(show("snapshot-longGaps"));
    expect(said).toContain("20 of 5,431 gaps shown.");
    expect(said).toContain("4,431 more are counted and not named");
  });
  test("one that has gaps is not called whole or safe", () => {
    const said = text(show("snapshot-gaps"));
    expect(said).toContain("At risk");
    expect(said).not.toMatch(/\bSafe\b|(?<!Not )\bWhole\b/);
    expect(said).toContain("312 missing");
  });
});

describe("drills", () => {
  test("the chart has a name with its figures, and a table behind it", () => {
    const markup = show("drills-long");
    expect(markup).toMatch(/role="img" aria-label="Time to restore over the last 17 drills: from [^"]+ to [^"]+"/);
    expect(markup).toMatch(/<caption[^>]*>Drills, newest first/);
  });
  test("goals are called goals, and proposed ones proposed", () => expect(text(show("drill-passed"))).toContain("within the proposed goal of 72 hours"));
  test("a failed drill names differences by kind and field, and the platform's losses apart from them", () => {
    const said = text(show("drill-differs"));
    expect(said).toContain("31 records differ after the restore");
    expect(said).toMatch(/Customers note 30/);
    expect(said).toContain("What Shopify never gives back");
  });
  test("before one starts it says what is sent and what is not, and which key is needed", () => {
    const said = text(show("drill-new-ready"));
    expect(said).toContain("The identity file never leaves this browser.");
    expect(said).toContain("pQ3eB0v1d7nq8R2sXkJ5tYw6zLcM4hUgFaTiOoEbNnA");
  });
});

describe("recovery points", () => {
  test("the first line says how much would be lost, of what, and whether that is allowed", () => {
    expect(text(show("recovery-breached"))).toContain("At risk We could lose 1 day 7 h of metaobjects: 2 of 6 kinds of data are older than you allow.");
    expect(text(show("recovery-safe"))).toMatch(/Safe Every kind of data could be brought back as it was at most about 5 hours ago\./);
  });
  test.each([["unlinked", "Nothing is kept yet"], ["empty", "Nothing was measured yet"], ["noSnapshot", "There is no snapshot yet"]])("where nothing was copied it does not judge: %s", (state, words) => {
    const said = text(show(`recovery-${state}`));
    expect(said).toContain("Not observed");
    expect(said).toContain(words);
    expect(said).not.toMatch(/\bSafe\b/);
  });
  test("the emergency snapshot is offered before the chart, and what became of earlier ones is said in words", () => {
    const said = text(show("recovery-breached"));
    expect(said.indexOf("Take an emergency snapshot")).toBeLessThan(said.indexOf("Over the last 24 hours"));
    expect(said).toContain("Failed: The storage refused the last write: it is full.");
    expect(said).toContain("You close incident 2026-014");
    expect(text(show("recovery-unlinked"))).not.toContain("Take an emergency snapshot");
  });
});

describe("what leads elsewhere", () => {
  test("settings lead to who is told", () => expect(show("settings-linked")).toContain('href="/app/alerts/settings"'));
  test("the list of snapshots offers the emergency snapshot", () => expect(text(show("snapshots-some"))).toContain("Emergency snapshot"));
  test("a drill tells apart what was erased on purpose since", () => {
    expect(text(show("drill-erased"))).toContain("Erased on purpose since the snapshot, so not restored 4");
    expect(text(show("drill-passed"))).not.toContain("Erased on purpose");
  });
});
