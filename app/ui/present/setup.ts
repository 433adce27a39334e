/** From the shop's link to what set-up and settings show. */
import type { VaultLink } from "#app/workflows/ports.ts";
import type { SettingsModel, SetupModel } from "../models.ts";

export function presentSetup(link: VaultLink | null, has: { readonly snapshot: boolean; readonly drill: boolean }): SetupModel {
  return {
    storage: link ? { done: true, address: link.storageUrl } : { done: false },
    key: { done: link !== null, keyIds: link?.recipients.map((r) => r.keyId) ?? [] },
    snapshot: { done: has.snapshot },
    drill: { done: has.drill },
  };
}

export function presentSettings(link: VaultLink | null, now: Date, more: Pick<SettingsModel, "suggestedAddress" | "vaultsFolder" | "nextSnapshotAt" | "credentialsAt"> & Partial<Pick<SettingsModel, "frequency" | "between" | "nextChangesAt">>): SettingsModel {
  return {
    setup: presentSetup(link, { snapshot: false, drill: false }), storage: link ? { address: link.storageUrl, kind: storageKind(link.storageUrl) } : null,
    ...(link ? { vaultId: link.vaultId, createdAt: link.linkedAt.toISOString() } : {}),
    recipients: link?.recipients.map((r) => ({ keyId: r.keyId, algorithm: r.jwk.kty === "RSA" ? "RSA-OAEP-256" : "ECDH-ES+A256KW" })) ?? [],
    now: now.toISOString(), frequency: "off", between: "off", ...more,
  };
}

const KINDS: Record<string, string> = { file: "a folder", s3: "an S3 bucket", az: "an Azure container", gs: "a Google Cloud bucket", sftp: "a folder on an SFTP server" };

export function storageKind(address: string): string {
  return KINDS[address.split(":", 1)[0] ?? ""] ?? "your storage";
}
