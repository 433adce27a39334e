/**
 * Access scopes of the app in this shop: those of the installation, those it declares as optional, and which of the optional ones somebody granted
 * (https://shopify.dev/docs/apps/build/authentication-authorization/app-installation/manage-access-scopes).
 */
export interface ScopesDetail {
  readonly granted: readonly string[];
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** Codes of AppRevokeAccessScopesAppRevokeScopeErrorCode. */
export type RevokeRefusal = "CANNOT_REVOKE_REQUIRED_SCOPES" | "CANNOT_REVOKE_UNDECLARED_SCOPES" | "UNKNOWN_SCOPES";

export class Grants {
  /** Changed in place: everybody who looks at it sees what is granted now. */
  readonly granted: string[];
  readonly optional: readonly string[];
  readonly required: readonly string[];
  readonly #changed: (previous: readonly string[]) => void;

  /** `granted`: at installation and since. `changed`: told what was granted before. */
  constructor(o: { readonly granted: readonly string[]; readonly optional: readonly string[]; readonly changed: (previous: readonly string[]) => void }) {
    this.granted = [...o.granted];
    this.optional = [...o.optional];
    this.required = o.granted.filter((scope) => !o.optional.includes(scope));
    this.#changed = o.changed;
  }

  detail(): ScopesDetail {
    return { granted: [...this.granted].sort(), required: [...this.required].sort(), optional: [...this.optional].sort() };
  }

  set(next: readonly string[]): void {
    const previous = [...this.granted];
    this.granted.splice(0, this.granted.length, ...new Set(next));
    this.#changed(previous);
  }

  /** Those that the app never declared: Shopify does not even ask for them. */
  undeclared(scopes: readonly string[]): readonly string[] {
    return scopes.filter((scope) => !this.optional.includes(scope) && !this.required.includes(scope));
  }

  grant(scopes: readonly string[]): void {
    this.set([...this.granted, ...scopes]);
  }

  /** Takes them all back, or none. Null: done. */
  revoke(scopes: readonly string[]): RevokeRefusal | null {
    if (scopes.some((scope) => !/^(unauthenticated_)?(read|write)_\w+$/.test(scope))) return "UNKNOWN_SCOPES";
    if (scopes.some((scope) => this.required.includes(scope))) return "CANNOT_REVOKE_REQUIRED_SCOPES";
    if (this.undeclared(scopes).length > 0) return "CANNOT_REVOKE_UNDECLARED_SCOPES";
    this.set(this.granted.filter((scope) => !scopes.includes(scope)));
    return null;
  }
}
