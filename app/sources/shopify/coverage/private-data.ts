/**
 * Data of other apps that the platform shows to those apps only. It stands in namespaces reserved for one app: metafields in `app--<app id>--<name>`, entries of
 * custom data types in types `app--<app id>--<name>` (https://shopify.dev/docs/apps/build/custom-data/ownership). Where a definition of such a namespace can be
 * seen, its access says whether the values can be seen, too; where it cannot, only the installed app tells that there may be some.
 */
import { asObject } from "../catalogue/kind.ts";

export interface PrivateData {
  /** The number of the app it belongs to. */
  readonly appId: string;
  /** "app--12345--clinic". */
  readonly namespace: string;
  /** "CUSTOMER", "ORDER" …; "METAOBJECT" for a custom data type. */
  readonly owner: string;
  /** The access its app gave to others. */
  readonly access: string;
}

const RESERVED = /^app--(\d+)(?:--.*)?$/;

/** What others may read. Everything else, and everything not known, is taken for private. */
const READABLE: ReadonlySet<unknown> = new Set(["PUBLIC_READ", "PUBLIC_READ_WRITE"]);

/** The private data that a definition (a record of kind MetafieldDefinition or MetaobjectDefinition) tells of; null when what it defines is read. `ownAppId`: this app's number. */
export function privateData(fields: Readonly<Record<string, unknown>>, ownAppId: string | null): PrivateData | null {
  const namespace = typeof fields["namespace"] === "string" ? fields["namespace"] : fields["type"];
  if (typeof namespace !== "string") return null;
  const appId = RESERVED.exec(namespace)?.[1];
  if (appId === undefined || appId === ownAppId) return null;
  const access = asObject(fields["access"])?.["admin"];
  if (READABLE.has(access)) return null;
  return { appId, namespace, owner: typeof fields["ownerType"] === "string" ? fields["ownerType"] : "METAOBJECT", access: typeof access === "string" ? access : "unknown" };
}
