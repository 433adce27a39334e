/** Addresses under /app that lead nowhere. */
import type { MetaFunction } from "@remix-run/node";
import { RequestError } from "#app/platform/request-error.ts";
import { shopLoader } from "#app/platform/routes.server.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Not found" }];

export const loader = shopLoader((): null => {
  throw new RequestError("request.not_found", "no such page");
});

export default function Nowhere() {
  return null;
}
