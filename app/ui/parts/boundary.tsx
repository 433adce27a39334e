/** A screen's error boundary: our own answers carry a code and get its words; Shopify's (sign-in, re-authentication) pass through. */
import { isRouteErrorResponse, useRevalidator, useRouteError } from "@remix-run/react";
import { ProblemScreen } from "../screens/problem.tsx";

export function ScreenBoundary() {
  const error = useRouteError();
  const revalidator = useRevalidator();
  const code = codeOfError(error);
  // Not ours: the layout's boundary hands it to Shopify's library.
  if (code === null) throw error;
  return <ProblemScreen code={code} onRetry={() => revalidator.revalidate()} />;
}

/** Null for a response that is not ours. Anything thrown that is no response is a fault of ours. */
export function codeOfError(error: unknown): string | null {
  if (!isRouteErrorResponse(error)) return "request.failed";
  const data: unknown = error.data;
  if (typeof data === "object" && data !== null && "code" in data && typeof data.code === "string") return data.code;
  return error.status === 404 ? "request.not_found" : null;
}
