/** The desk's own program. The identity and what was shown live in this page's memory: they go with the page. Parts of the page come from the server, where everything in them is escaped. */
import "./begin.ts";
import "./person.ts";
import "./pending.ts";
import "./clock.ts";

// A page that the browser kept for the way back shows nothing.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
