/** Every step of signing in that the library serves: /auth/session-token, /auth/exit-iframe and so on. */
import type { LoaderFunctionArgs } from "@remix-run/node";

export async function loader({ request, context }: LoaderFunctionArgs): Promise<null> {
  await context.app.shopify.authenticate(request);
  return null;
}
