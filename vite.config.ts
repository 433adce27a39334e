/** The browser's and the pages' build. `npm run build`; in development server.ts runs vite as a middleware with these settings. */
import { vitePlugin as remix } from "@remix-run/dev";
import { defineConfig } from "vite";
import remixConfig from "./remix.config.js";

export default defineConfig({
  plugins: [remix(remixConfig)],
  build: { assetsInlineLimit: 0 },
  cacheDir: ".cache/vite",
  // Found late they would make vite build again and reload the first page, with two copies of React in it.
  optimizeDeps: {
    include: [
      "react",
      "react-dom",
      "react-dom/client",
      "react/jsx-runtime",
      "react/jsx-dev-runtime",
      "@remix-run/react",
      "@shopify/polaris",
      "@shopify/app-bridge-react",
      "@shopify/shopify-app-remix/react",
    ],
  },
  server: { fs: { allow: ["app", "node_modules"] } },
});
