/** The clock: how long the session lasts, told before it ends. */
import { get } from "./page.ts";
import { desk, lastUse, leave } from "./steps.ts";

const idleMs = Number(desk.dataset["idle"]);
// By this device's own clock, which may think it is another day.
const endsAt = Date.now() + Number(desk.dataset["left"]);

window.setInterval(() => {
  const left = Math.min(idleMs - (Date.now() - lastUse()), endsAt - Date.now());
  if (left <= 0) leave("/signed-off?why=idle");
  else get("#clock").textContent = left < 60_000 ? `You will be signed off in ${String(Math.ceil(left / 1000))} seconds.` : `Signed off by itself in ${String(Math.ceil(left / 60_000))} minutes without use.`;
}, 1_000);
