/** Times of a schedule. Workflows reckon with them too (the weeks of drills), so they are read there. */
export { parseCron, type Cron } from "#app/workflows/shared/cron.ts";
