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
  /** One of these, the first unless another is chosen; "" is what goes without saying. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
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

const LOCK_DAYS: StorageField = { name: "lockDays", label: "Locked for how many days", optional: true, help: "30 unless you say otherwise. Locks are made longer for as long as a copy is kept; the days say how long it stays when nobody tends it, or after it was given up." };
const LOCK_HELP = "Nobody can then destroy sealed records before their lock ends, not even with these credentials. The small keys beside them stay removable, so that people can be erased, and without those nothing opens: credentials that cannot destroy versions protect them, too.";
const RATE: StorageField = { name: "rate", label: "At most, megabytes a second", optional: true, help: "So that copies do not take the whole line. Empty: as fast as it goes." };

/** What most leave as it is, by kind: locks, encryption by the storage itself, speed. */
export const MORE_FIELDS: Readonly<Record<StorageKind, readonly StorageField[]>> = {
  file: [],
  s3: [
    {
      name: "lock",
      label: "Lock what is stored",
      help: `The bucket must have been made with Object Lock, without a default retention. ${LOCK_HELP}`,
      choices: [{ value: "", label: "No" }, { value: "compliance", label: "Yes, and nobody can lift a lock (compliance)" }, { value: "governance", label: "Yes, but who has the right to can lift a lock (governance)" }],
    },
    LOCK_DAYS,
    {
      name: "sse",
      label: "Encryption by the storage",
      help: "A second lock: every record is sealed before it leaves this app.",
      choices: [{ value: "", label: "What the bucket does by itself" }, { value: "AES256", label: "With a key of the storage's (AES256)" }, { value: "aws:kms", label: "With a key in AWS KMS" }],
    },
    { name: "kmsKey", label: "Key in AWS KMS", optional: true, help: "Its id, ARN or alias. Empty: the account's own for S3." },
    RATE,
  ],
  az: [
    {
      name: "lock",
      label: "Lock what is stored",
      help: `The container must have version-level immutability. ${LOCK_HELP}`,
      choices: [{ value: "", label: "No" }, { value: "locked", label: "Yes, and nobody can lift a lock (locked)" }, { value: "unlocked", label: "Yes, but who has the right to can lift a lock (unlocked)" }],
    },
    LOCK_DAYS,
    { name: "encryptionScope", label: "Encryption scope", optional: true, help: "Of the storage account, for a key of your own. Empty: the account's." },
    RATE,
  ],
  gs: [
    {
      name: "lock",
      label: "Lock what is stored",
      help: `The bucket must have object retention. ${LOCK_HELP}`,
      choices: [{ value: "", label: "No" }, { value: "locked", label: "Yes, and nobody can lift a lock (locked)" }, { value: "unlocked", label: "Yes, but who has the right to can lift a lock (unlocked)" }],
    },
    LOCK_DAYS,
    { name: "kmsKey", label: "Key in Cloud KMS", optional: true, help: "projects/…/cryptoKeys/…, for a key of your own. Empty: Google's." },
    RATE,
  ],
  sftp: [RATE],
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

/** What cannot be as it was filled in, by field. */
export function problemsOf(kind: StorageKind, values: Values): Readonly<Record<string, string | undefined>> {
  const of = (name: string): string => value(values, name);
  const asks = (name: string): boolean => MORE_FIELDS[kind].some((field) => field.name === name) && of(name) !== "";
  const days = Number(of("lockDays"));
  return {
    ...(!asks("lockDays") ? {} : of("lock") === "" ? { lockDays: "Choose above that what is stored is locked, or leave this empty." } : /^\d+$/.test(of("lockDays")) && days >= 1 && days <= 3650 ? {} : { lockDays: "Enter a whole number from 1 to 3650." }),
    ...(kind === "s3" && asks("kmsKey") && of("sse") !== "aws:kms" ? { kmsKey: "Choose above that the storage encrypts with a key in AWS KMS, or leave this empty." } : {}),
    ...(!asks("rate") || (/^\d+$/.test(of("rate")) && Number(of("rate")) >= 1 && Number(of("rate")) <= 10_000) ? {} : { rate: "Enter a whole number from 1 to 10000, or leave this empty." }),
  };
}

function moreOf(kind: StorageKind, values: Values): Record<string, string> {
  const named = { lock: "lock", lockDays: "lock-days", sse: "sse", kmsKey: "kms-key", encryptionScope: "encryption-scope", rate: "rate" };
  const given = MORE_FIELDS[kind].flatMap(({ name }) => (value(values, name) === "" ? [] : [[named[name as keyof typeof named], name === "rate" ? `${value(values, name)}M` : value(values, name)] as const]));
  return Object.fromEntries(given);
}

/** "" when there is nothing to ask. */
function query(parameters: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(parameters).toString();
  return text === "" ? "" : `?${text}`;
}

/** Null: something that is needed is missing, or cannot be as it is. */
export function addressOf(kind: StorageKind, values: Values): string | null {
  const of = (name: string): string => value(values, name);
  if (Object.keys(problemsOf(kind, values)).length > 0) return null;
  if (PLACE_FIELDS[kind].some(({ name, optional }) => optional !== true && of(name) === "")) return null;
  switch (kind) {
    case "file":
      return of("address");
    case "s3": {
      const place = { region: of("region"), ...(of("endpoint") === "" ? {} : { endpoint: of("endpoint") }) };
      return `s3://${of("bucket")}/${path(of("folder"))}${query({ ...place, ...moreOf(kind, values) })}`;
    }
    case "az":
      return `az://${of("account")}/${of("container")}/${path(of("folder"))}${query(moreOf(kind, values))}`;
    case "gs":
      return `gs://${of("bucket")}/${path(of("folder"))}${query(moreOf(kind, values))}`;
    case "sftp":
      return `sftp://${encodeURIComponent(of("user"))}@${of("host")}/${path(of("folder"))}${query({ "host-key": of("hostKey"), ...moreOf(kind, values) })}`;
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
