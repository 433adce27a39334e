/** The frame of every screen: Polaris and App Bridge around it, the menu, and the last boundary for what goes wrong. */
import type { HeadersFunction, LinksFunction } from "@remix-run/node";
import { isRouteErrorResponse, Link, Outlet, useLoaderData, useLocation, useNavigation, useRouteError } from "@remix-run/react";
import { NavMenu } from "@shopify/app-bridge-react";
import polaris from "@shopify/polaris/build/esm/styles.css?url";
import english from "@shopify/polaris/locales/en.json";
import { AppProvider } from "@shopify/shopify-app-remix/react";
import { boundary } from "@shopify/shopify-app-remix/server";
import { shopLoader } from "#app/platform/routes.server.ts";
import { codeOfError } from "#app/ui/parts/boundary.tsx";
import { Shell } from "#app/ui/parts/shell.tsx";
import { LoadingScreen } from "#app/ui/screens/loading.tsx";
import { ProblemScreen } from "#app/ui/screens/problem.tsx";
import { sections, sectionOf } from "#app/ui/wording/sections.ts";
import own from "#app/ui/styles.css?url";

export const links: LinksFunction = () => [{ rel: "stylesheet", href: polaris }, { rel: "stylesheet", href: own }];

export const loader = shopLoader(({ app }) => ({ apiKey: app.settings.apiKey, appBridgeUrl: app.settings.appBridgeUrl }));

/** The key does not change while the page is open; what screens poll must not load it again and again. */
export const shouldRevalidate = () => false;

export const headers: HeadersFunction = (args) => boundary.headers(args);

export default function App() {
  const { apiKey, appBridgeUrl } = useLoaderData<typeof loader>();
  const navigation = useNavigation();
  const here = useLocation().pathname;
  const there = navigation.state === "loading" ? navigation.location.pathname : here;
  return (
    <AppProvider isEmbeddedApp apiKey={apiKey} i18n={english} {...(appBridgeUrl ? { __APP_BRIDGE_URL: appBridgeUrl } : {})}>
      <NavMenu>
        {/* The home link names where the app's own name leads; App Bridge does not show it in the menu. */}
        <Link to="/app" rel="home">Holdfast</Link>
        {sections.map(({ name, path }) => <Link key={path} to={path}>{name}</Link>)}
      </NavMenu>
      <Shell>{there !== here ? <LoadingScreen title={sectionOf(there)} /> : <Outlet />}</Shell>
    </AppProvider>
  );
}

/** Sign-in and re-authentication answer through Shopify's own boundary; anything else that reaches this far has no frame left to stand in. */
export function ErrorBoundary() {
  const error = useRouteError();
  const code = codeOfError(error);
  if (code === null || (isRouteErrorResponse(error) && code === "request.unauthenticated")) return boundary.error(error);
  return <AppProvider isEmbeddedApp={false} apiKey="" i18n={english}><Shell><ProblemScreen code={code} /></Shell></AppProvider>;
}
