/** Shows one screen of the gallery, named after "#". For tests and for looking; no part of the app. */
import { AppProvider } from "@shopify/polaris";
import english from "@shopify/polaris/locales/en.json";
import "@shopify/polaris/build/esm/styles.css";
import "#app/ui/styles.css";
import { createRoot } from "react-dom/client";
import { Shell } from "#app/ui/parts/shell.tsx";
import { gallery } from "#tests/ui/gallery.tsx";

const root = createRoot(document.getElementById("root")!);

function show(): void {
  const name = decodeURIComponent(location.hash.slice(1));
  document.title = name || "Holdfast screens";
  root.render(
    <AppProvider i18n={english} key={name}>
      <Shell>{gallery[name] ?? <ul>{Object.keys(gallery).map((n) => <li key={n}><a href={`#${n}`}>{n}</a></li>)}</ul>}</Shell>
    </AppProvider>,
  );
}

addEventListener("hashchange", show);
show();
