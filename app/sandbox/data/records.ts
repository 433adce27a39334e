/** What the shop holds, as plain data. Times are milliseconds since 1970, whole seconds. Ids are the numbers in gids. */

export interface Stored {
  readonly id: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Attribute {
  readonly key: string;
  readonly value: string | null;
}

export interface MetafieldRecord extends Stored {
  readonly namespace: string;
  readonly key: string;
  readonly type: string;
  readonly value: string;
}

export interface AddressRecord {
  readonly id: number;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly company: string | null;
  readonly address1: string | null;
  readonly address2: string | null;
  readonly city: string | null;
  readonly province: string | null;
  readonly provinceCode: string | null;
  readonly country: string | null;
  readonly countryCode: string | null;
  readonly zip: string | null;
  readonly phone: string | null;
}

export interface Consent {
  readonly state: string;
  readonly optInLevel: string | null;
  readonly at: number | null;
}

export interface CustomerRecord extends Stored {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly note: string | null;
  readonly tags: readonly string[];
  readonly locale: string;
  readonly taxExempt: boolean;
  readonly taxExemptions: readonly string[];
  readonly state: string;
  readonly verifiedEmail: boolean;
  readonly emailConsent: Consent;
  readonly smsConsent: Consent;
  readonly addresses: readonly AddressRecord[];
  /** Id of one of `addresses`. */
  readonly defaultAddressId: number | null;
  readonly metafields: readonly MetafieldRecord[];
}

export interface LineItemRecord {
  readonly id: number;
  readonly title: string;
  readonly variantTitle: string | null;
  readonly sku: string | null;
  readonly vendor: string | null;
  readonly quantity: number;
  /** In the currency's hundredths. */
  readonly price: number;
  readonly requiresShipping: boolean;
  readonly taxable: boolean;
  readonly customAttributes: readonly Attribute[];
}

export interface OrderRecord extends Stored {
  readonly number: number;
  readonly name: string;
  readonly processedAt: number;
  readonly closedAt: number | null;
  readonly customerId: number | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly note: string | null;
  readonly poNumber: string | null;
  readonly tags: readonly string[];
  readonly customAttributes: readonly Attribute[];
  readonly shippingAddress: AddressRecord | null;
  readonly billingAddress: AddressRecord | null;
  readonly lineItems: readonly LineItemRecord[];
  readonly metafields: readonly MetafieldRecord[];
  readonly currency: string;
  readonly financialStatus: string;
  readonly fulfillmentStatus: string;
  readonly sourceName: string;
  readonly sourceIdentifier: string | null;
  readonly test: boolean;
}

export interface MetaobjectRecord extends Stored {
  readonly type: string;
  readonly handle: string;
  readonly displayName: string;
  readonly fields: readonly { readonly key: string; readonly type: string; readonly value: string | null }[];
}

export interface MetafieldDefinitionRecord extends Stored {
  readonly ownerType: string;
  readonly namespace: string;
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly type: string;
  readonly pinnedPosition: number | null;
  readonly validations: readonly { readonly name: string; readonly type: string; readonly value: string | null }[];
}

export interface MetaobjectDefinitionRecord extends Stored {
  readonly type: string;
  readonly name: string;
  readonly description: string | null;
  readonly displayNameKey: string | null;
  readonly fieldDefinitions: readonly {
    readonly key: string;
    readonly name: string;
    readonly description: string | null;
    readonly type: string;
    readonly required: boolean;
    readonly validations: readonly { readonly name: string; readonly type: string; readonly value: string | null }[];
  }[];
}
