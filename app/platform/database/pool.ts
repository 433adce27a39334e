/**
 * Connections to PostgreSQL, and the adapters Prisma speaks through. Prisma's own engines are not used: they are binaries that
 * would have to be downloaded.
 */
import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import { ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import type { SqlDriverAdapterFactory, SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import pg from "pg";

/** Type OIDs of PostgreSQL's catalog that the adapter has no name for, and what it may read them as: name, name[], "char". */
const CATALOG_TYPES = new Map([
  [19, 25],
  [1003, 1009],
  [18, 1042],
]);
const CHARACTER = 1042;

class CatalogPool extends pg.Pool {
  // One of pg's many overloads, all of which end here; only the promise form is used.
  override async query(...call: unknown[]): Promise<pg.QueryResult> {
    const result = await (super.query as (...all: unknown[]) => Promise<pg.QueryResult>)(...call);
    // Several statements in one text answer an array; only a single one is read from.
    if (!Array.isArray(result)) for (const field of result.fields) field.dataTypeID = CATALOG_TYPES.get(field.dataTypeID) ?? field.dataTypeID;
    return result;
  }
}

export interface PoolOptions {
  readonly url: string;
  /** Shows in pg_stat_activity: tells our processes apart. */
  readonly name: string;
  readonly max?: number;
}

export function openPool({ url, name, max = 10 }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, application_name: name, max, allowExitOnIdle: true });
  // An idle connection that the server closes is replaced at the next query, which reports its own failure.
  pool.on("error", () => undefined);
  return pool;
}

/** What Prisma's client speaks through. The pool stays ours to close. */
export function clientAdapter(pool: pg.Pool): SqlDriverAdapterFactory {
  return new PrismaPg(pool);
}

/**
 * What Prisma's schema engine (migrate, introspection) speaks through. Catalog columns of type "char" must arrive as Character, which
 * the adapter never says: it has no case for them.
 */
export function schemaAdapter(url: string): SqlDriverAdapterFactory {
  const factory = new PrismaPg(new CatalogPool({ connectionString: url, allowExitOnIdle: true }), { disposeExternalPool: true });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const inner = adapter as unknown as { performIO(query: unknown): Promise<pg.QueryResult> };
    const perform = inner.performIO.bind(adapter);
    const queryRaw = adapter.queryRaw.bind(adapter);
    let last: pg.QueryResult | undefined;
    inner.performIO = async (query) => (last = await perform(query));
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const read = last?.fields ?? [];
      result.columnTypes = result.columnTypes.map((type, at) => (read[at]?.dataTypeID === CHARACTER ? ColumnTypeEnum.Character : type));
      return result;
    };
    return adapter;
  };
  return factory;
}

/** Like schemaAdapter, with an empty database beside the real one for Prisma to try migrations in; it is dropped afterwards. */
export function migrationAdapter(url: string): SqlMigrationAwareDriverAdapterFactory {
  const factory = schemaAdapter(url);
  const admin = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  return Object.assign(factory, {
    connectToShadowDb: async () => {
      const shadowName = `shadow_${randomUUID()}`;
      await admin(`CREATE DATABASE "${shadowName}"`);
      const adapter = await schemaAdapter(databaseUrl(url, shadowName)).connect();
      const dispose = adapter.dispose.bind(adapter);
      adapter.dispose = async () => {
        await dispose();
        await admin(`DROP DATABASE IF EXISTS "${shadowName}" WITH (FORCE)`);
      };
      return adapter;
    },
  });
}

/** The same server, another database. */
export function databaseUrl(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
