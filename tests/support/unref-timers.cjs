// Prisma 6.19's schema engine leaves its 10 s advisory-lock timer running; without this every migrate command waits for it before it exits.
const original = globalThis.setTimeout;
globalThis.setTimeout = Object.assign(
  (/** @type {() => void} */ work, /** @type {number} */ ms, /** @type {unknown[]} */ ...rest) => {
    const timer = original(work, ms, ...rest);
    if (ms === 10_000 && typeof timer === "object") /** @type {NodeJS.Timeout} */ (timer).unref();
    return timer;
  },
  original,
);
