/** Which shops have the app. */
export interface Shop {
  readonly domain: string;
  readonly installedAt: Date;
  /** Null while installed. */
  readonly uninstalledAt: Date | null;
  readonly scopes: readonly string[];
}

export interface Shops {
  get(domain: string): Promise<Shop | null>;
  installed(domain: string, scopes: readonly string[]): Promise<void>;
  /** False: it was not installed. */
  uninstalled(domain: string): Promise<boolean>;
  scopesChanged(domain: string, scopes: readonly string[]): Promise<void>;
}
