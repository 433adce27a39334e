/** Looks at a shop's platform without reading a record: versions, the live schema against what the catalogue needs, and what is installed and defined. */
import { ShopifyClient, type ShopifyClientOptions } from "./client.ts";
import { checkSchema, type SchemaReport, type Signatures } from "./schema-check.ts";
import { LiveSchema } from "./schema-live.ts";
import { extractorId, needsOf } from "./schema-needs.ts";
import { apiVersions, surroundingsOf, type ApiVersion, type Surroundings } from "./surroundings.ts";
import { SUPPORTED_VERSIONS } from "./versions.ts";

export interface SurveyedSchema extends SchemaReport {
  readonly version: string;
  /** What the shop says it answered with; another than asked for when the platform has retired that version. */
  readonly served: string | null;
}

export class ShopifySurvey {
  /** Oldest first. */
  readonly supported = SUPPORTED_VERSIONS;
  /** Names this version's queries. */
  static readonly extractor = extractorId();
  readonly extractor = ShopifySurvey.extractor;
  readonly #options: ShopifyClientOptions;

  constructor(options: ShopifyClientOptions) {
    this.#options = options;
  }

  versions(signal: AbortSignal): Promise<readonly ApiVersion[] | null> {
    return apiVersions(new ShopifyClient(this.#options), signal);
  }

  async schema(version: string, known: Signatures | null, signal: AbortSignal): Promise<SurveyedSchema> {
    const client = new ShopifyClient({ ...this.#options, apiVersion: version });
    const report = await checkSchema(new LiveSchema(client, signal), needsOf(), known);
    return { ...report, version, served: client.served };
  }

  surroundings(version: string, signal: AbortSignal): Promise<Surroundings> {
    return surroundingsOf(new ShopifyClient({ ...this.#options, apiVersion: version }), signal);
  }
}
