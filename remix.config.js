/**
 * Remix's settings, in one place. vite.config.ts hands this object to the Remix plugin, so only what that plugin reads may stand here
 * (any other key would be dropped in silence). Pure data: other tools load it too.
 *
 * @satisfies {import("@remix-run/dev").VitePluginConfig}
 */
const config = {
  appDirectory: "app",
  buildDirectory: "build",
  serverBuildFile: "index.js",
  serverModuleFormat: "esm",
  ignoredRouteFiles: ["**/.*"],
  future: {
    v3_fetcherPersist: true,
    v3_relativeSplatPath: true,
    v3_throwAbortReason: true,
    v3_lazyRouteDiscovery: true,
    // As in Shopify's template: the library answers with Responses of its own.
    v3_singleFetch: false,
  },
};

export default config;
