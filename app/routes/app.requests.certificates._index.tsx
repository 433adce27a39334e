/** /app/requests/certificates: what was erased, with proof. */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useState } from "react";
import { shopLoader } from "#app/platform/routes.server.ts";
import { download } from "#app/ui/browser/download.ts";
import { fetchText } from "#app/ui/browser/fetch-text.ts";
import type { ProblemModel } from "#app/ui/models.ts";
import type { CertificatesModel } from "#app/ui/models/privacy.ts";
import { certificateRows } from "#app/ui/present/privacy.ts";
import { CertificatesScreen } from "#app/ui/screens/certificates.tsx";
import { listCertificates } from "#app/workflows/retention/shop-retention.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Certificates of erasure" }];

export const loader = shopLoader(async ({ app, shop, actor }): Promise<CertificatesModel> => {
  const now = app.ports.clock.now().toISOString();
  if ((await app.ports.links.get(shop)) === null) return { now, ready: false, rows: [] };
  const listed = await listCertificates(app.ports, { shop, actor });
  return listed.kind === "certificates" ? { now, ready: true, rows: certificateRows(listed.certificates) } : { now, ready: true, rows: [], problem: { code: listed.code } };
});

export default function Certificates() {
  const model = useLoaderData<typeof loader>() as CertificatesModel;
  const [problem, setProblem] = useState<ProblemModel | null>(null);
  const fetchOne = async (name: string): Promise<void> => {
    const text = await fetchText(`/app/requests/certificates/${name}`);
    setProblem(text === null ? { code: "vault.missing_object" } : null);
    if (text !== null) download(`${name}.json`, text, "application/json");
  };
  return <CertificatesScreen model={model} problem={problem} onDownload={(name) => void fetchOne(name)} />;
}
