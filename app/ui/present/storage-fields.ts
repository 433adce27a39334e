/** From what a merchant fills in about their storage to an address and what opens it. Pure; the form and the tests share it. */
export type StorageKind = "file" | "s3" | "az" | "gs" | "sftp";

/** As the workflows take it (workflows/ports/privacy.ts StorageCredential). */
export type Credential =
  | { readonly kind: "s3"; readonly accessKeyId: string; readonly secretAccessKey: string }
  | { readonly kind: "azure"; readonly accountKey?: string; readonly sasToken?: string }
  | { readonly kind: "gcs"; readonly serviceAccount: string }
  | { readonly kind: "sftp"; readonly privateKey?: string; readonly passphrase?: string; readonly password?: string };

export interface StorageField {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly optional?: boolean;
  /** Never shown again. */
  readonly secret?: boolean;
  readonly multiline?: boolean;
}

const FOLDER: StorageField = { name: "folder", label: "Folder in it", help: "For this store's copies alone, such as holdfast/my-store." };

/** What names the place, by kind. */
export const PLACE_FIELDS: Readonly<Record<StorageKind, readonly StorageField[]>> = {
  file: [{ name: "address", label: "Storage address" }],
  s3: [
    { name: "bucket", label: "Bucket" },
    FOLDER,
    { name: "region", label: "Region", help: "Such as eu-central-1." },
    { name: "endpoint", label: "Endpoint", optional: true, help: "For storage that speaks S3 and is not Amazon's: https://s3.example.com." },
  ],
  az: [{ name: "account", label: "Storage account" }, { name: "container", label: "Container" }, FOLDER],
  gs: [{ name: "bucket", label: "Bucket" }, FOLDER],
  sftp: [
    { name: "host", label: "Server", help: "Its name, and its port if that is not 22: backup.example.com:2222." },
    { name: "user", label: "User" },
    { name: "folder", label: "Folder", help: "The whole path on the server, such as /srv/holdfast/my-store." },
    { name: "hostKey", label: "Fingerprint of the server's key", help: "SHA256:… as ssh-keygen -l prints it. It is how we know that the server is yours." },
  ],
};

/** What opens it, by kind. */
export const CREDENTIAL_FIELDS: Readonly<Record<StorageKind, readonly StorageField[]>> = {
  file: [],
  s3: [{ name: "accessKeyId", label: "Access key id" }, { name: "secretAccessKey", label: "Secret access key", secret: true }],
  az: [
    { name: "sasToken", label: "Shared access signature", optional: true, secret: true, help: "With the rights to read, add, create, write, delete and list. Or the account key below." },
    { name: "accountKey", label: "Account key", optional: true, secret: true },
  ],
  gs: [{ name: "serviceAccount", label: "Service account key (JSON)", secret: true, multiline: true, help: "The whole text of the key file, of an account that may write and delete objects in this bucket." }],
  sftp: [
    { name: "privateKey", label: "Private key", optional: true, secret: true, multiline: true, help: "In OpenSSH or PEM form. Or a password below." },
    { name: "passphrase", label: "Passphrase of the private key", optional: true, secret: true },
    { name: "password", label: "Password", optional: true, secret: true },
  ],
};

export const KIND_CHOICES: readonly { readonly value: StorageKind; readonly label: string }[] = [
  { value: "file", label: "A folder on this host" },
  { value: "s3", label: "Amazon S3, or storage that speaks S3" },
  { value: "az", label: "Azure Blob Storage" },
  { value: "gs", label: "Google Cloud Storage" },
  { value: "sftp", label: "An SFTP server" },
];

export type Values = Readonly<Record<string, string>>;

export function kindOfAddress(address: string): StorageKind {
  const scheme = /^([a-z0-9]+):/i.exec(address)?.[1]?.toLowerCase() ?? "file";
  return (["s3", "az", "gs", "sftp"] as const).find((kind) => kind === scheme) ?? "file";
}

const value = (values: Values, name: string): string => (values[name] ?? "").trim();
const path = (text: string): string => text.replace(/^\/+|\/+$/g, "").split("/").map(encodeURIComponent).join("/");

/** Null: something that is needed is missing. */
export function addressOf(kind: StorageKind, values: Values): string | null {
  const of = (name: string): string => value(values, name);
  if (PLACE_FIELDS[kind].some(({ name, optional }) => optional !== true && of(name) === "")) return null;
  switch (kind) {
    case "file":
      return of("address");
    case "s3": {
      const query = new URLSearchParams({ region: of("region"), ...(of("endpoint") === "" ? {} : { endpoint: of("endpoint") }) });
      return `s3://${of("bucket")}/${path(of("folder"))}?${query.toString()}`;
    }
    case "az":
      return `az://${of("account")}/${of("container")}/${path(of("folder"))}`;
    case "gs":
      return `gs://${of("bucket")}/${path(of("folder"))}`;
    case "sftp":
      return `sftp://${encodeURIComponent(of("user"))}@${of("host")}/${path(of("folder"))}?${new URLSearchParams({ "host-key": of("hostKey") }).toString()}`;
    default:
      kind satisfies never;
      return null;
  }
}

/** Null: none is needed. "missing": one is, and it is not all there. */
export function credentialOf(kind: StorageKind, values: Values): Credential | null | "missing" {
  const of = (name: string): string => value(values, name);
  const given = (name: string): Record<string, string> => (of(name) === "" ? {} : { [name]: of(name) });
  switch (kind) {
    case "file":
      return null;
    case "s3":
      return of("accessKeyId") === "" || of("secretAccessKey") === "" ? "missing" : { kind: "s3", accessKeyId: of("accessKeyId"), secretAccessKey: of("secretAccessKey") };
    case "az":
      return of("sasToken") === "" && of("accountKey") === "" ? "missing" : { kind: "azure", ...given("sasToken"), ...given("accountKey") };
    case "gs":
      return of("serviceAccount") === "" ? "missing" : { kind: "gcs", serviceAccount: of("serviceAccount") };
    case "sftp":
      // A private key ends with a line end; what trims it away makes it unreadable to some libraries.
      return of("privateKey") === "" && of("password") === "" ? "missing" : { kind: "sftp", ...(of("privateKey") === "" ? {} : { privateKey: `${of("privateKey")}\n` }), ...given("passphrase"), ...given("password") };
    default:
      kind satisfies never;
      return "missing";
  }
}
