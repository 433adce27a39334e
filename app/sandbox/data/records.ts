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
  readonly taxLines: readonly TaxLineRecord[];
  readonly customAttributes: readonly Attribute[];
}

/** Money is in the currency's hundredths. */
export interface TaxLineRecord {
  readonly title: string;
  readonly rate: number;
  readonly priceSet: number;
  readonly channelLiable: boolean | null;
  readonly source: string | null;
}

export interface ShippingLineRecord {
  readonly id: number;
  readonly title: string;
  readonly code: string | null;
  readonly source: string | null;
  readonly price: number;
  readonly custom: boolean;
  readonly phone: string | null;
  readonly taxLines: readonly TaxLineRecord[];
}

export interface TransactionRecord {
  readonly id: number;
  readonly kind: string;
  readonly status: string;
  readonly amount: number;
  readonly gateway: string | null;
  readonly createdAt: number;
  readonly processedAt: number;
  readonly parentId: number | null;
  readonly authorizationCode: string | null;
  readonly test: boolean;
}

export interface FulfillmentRecord extends Stored {
  readonly name: string;
  readonly status: string;
  readonly trackingInfo: readonly { readonly company: string | null; readonly number: string | null; readonly url: string | null }[];
  readonly items: readonly { readonly id: number; readonly lineItemId: number; readonly quantity: number }[];
}

export interface RefundRecord extends Stored {
  readonly processedAt: number;
  readonly note: string | null;
  readonly amount: number;
  readonly returnId: number | null;
  readonly transactionIds: readonly number[];
  readonly items: readonly { readonly id: number; readonly lineItemId: number; readonly quantity: number; readonly restockType: string; readonly restocked: boolean }[];
}

export interface ReturnRecord {
  readonly id: number;
  readonly name: string;
  readonly createdAt: number;
  readonly closedAt: number | null;
  readonly status: string;
  readonly items: readonly { readonly id: number; readonly fulfillmentLineItemId: number; readonly quantity: number; readonly returnReason: string; readonly returnReasonNote: string; readonly customerNote: string | null }[];
}

export interface RiskRecord {
  readonly recommendation: string;
  readonly assessments: readonly { readonly riskLevel: string; readonly facts: readonly { readonly description: string; readonly sentiment: string }[] }[];
}

/** What happened to an order, and what it cost beside its goods. */
export interface OrderHistory {
  readonly shippingLines: readonly ShippingLineRecord[];
  /** Tax on the whole order; tax on an item stands with the item. */
  readonly taxLines: readonly TaxLineRecord[];
  readonly transactions: readonly TransactionRecord[];
  readonly fulfillments: readonly FulfillmentRecord[];
  readonly refunds: readonly RefundRecord[];
  readonly returns: readonly ReturnRecord[];
  readonly risk: RiskRecord;
}

export interface OrderRecord extends Stored, OrderHistory {
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
  /** MetafieldAdminAccess of what another app brought. Absent: the merchant's own. */
  readonly access?: string;
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
