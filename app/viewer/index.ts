/** The door: the downtime viewer's server, what it is handed, and the list of events it keeps on this host's own disk. */
export { ViewerError, type ViewerErrorCode } from "./errors.ts";
export { badIssuer } from "./oidc/guarded-fetch.ts";
export { oidcProvider, responderId, type ProviderFacts } from "./oidc/provider.ts";
export type { SignedIn, SignIn, ViewerOptions, ViewerPlace, ViewerPlaces } from "./ports.ts";
export { viewerServer, type ViewerServer } from "./server.ts";
export { viewEvents } from "./outbox/events.ts";
export { fileOutbox, type FileOutbox } from "./outbox/file-outbox.ts";
