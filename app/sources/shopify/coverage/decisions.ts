/**
 * Decisions by hand about types of the Admin schema that carry customer data by definition (carries.ts) and that the catalogue does not read, and about
 * single fields of types that it does read. A type or field with no row here fails the coverage test, and so does a row that has nothing to say any more.
 */

export type DecisionKind = "merchant" | "answer" | "elsewhere" | "unreadable";

/** What a decision of each sort means. */
export const DECISION_MEANINGS: Readonly<Record<DecisionKind, string>> = {
  merchant: "The shop's own: about the merchant, staff or settings, not about customers.",
  answer: "Made up for one answer and kept nowhere: errors, previews, calculations.",
  elsewhere: "Another view of what is read under another name.",
  unreadable: "Not read: the API or the least privilege this app asks for does not allow it.",
};

export interface Decision {
  readonly kind: DecisionKind;
  readonly why: string;
}

type Reasons = Readonly<Record<string, string>>;

const MERCHANT: Reasons = {
  ApiVersion: "a version's name",
  App: "words of an app's maker about uninstalling",
  BankAccount: "the merchant's bank",
  BusinessEntity: "the merchant's company",
  BusinessEntityAddress: "the merchant's company",
  CartTransform: "settings of an app",
  CashAdjustmentActivity: "what staff wrote about a till",
  CashCountActivity: "what staff wrote about a till",
  CashTrackingAdjustment: "what staff wrote about a till",
  CashTrackingSession: "what staff wrote about a till",
  ChannelInformation: "a sales channel's name",
  CollectionRuleTextCondition: "a rule of a collection",
  ComponentizedProductsBundleConsolidatedOptionSelection: "an option of a product",
  ComponentizedProductsBundleConsolidatedOptionSelectionComponent: "an option of a product",
  DeliveryCustomization: "settings of an app",
  DeliveryLocalPickupSettings: "how to find the shop",
  FilterOption: "a search filter",
  FinancialKycShopOwner: "the merchant",
  FulfillmentConstraintRule: "settings of an app",
  FulfillmentOrderAssignedLocation: "the merchant's warehouse",
  FulfillmentOriginAddress: "the merchant's warehouse",
  InventoryQuantityName: "the name of a state of stock",
  InventoryTransfer: "stock on its way between the merchant's places",
  Location: "the merchant's place",
  LocationAddress: "the merchant's place",
  LocationSnapshot: "the merchant's place",
  LocationSuggestedAddress: "the merchant's place",
  Market: "settings of a market",
  MarketLocalizableContent: "prices and words for a market",
  MarketLocalization: "prices and words for a market",
  MenuItem: "a link of a menu",
  MetafieldDefinitionConstraintValue: "a rule of a definition",
  OrderAttribution: "a channel's name",
  OrderAttributionDefinition: "a channel's name",
  PaymentCustomization: "settings of an app",
  PickupInStoreLocation: "how to find the shop",
  PointOfSaleDevicePaymentSession: "what staff wrote about a till",
  ProductBundleComponentOptionSelectionValue: "an option of a product",
  SearchFilter: "a search filter",
  SelectedOption: "an option of a product",
  SellingPlan: "terms of a subscription offer",
  ShopAddress: "the merchant",
  ShopPlan: "the name of a plan",
  ShopPolicy: "the shop's terms, published",
  ShopifyPaymentsTaxIdentification: "the merchant's tax number",
  ShopifyqlTableDataColumn: "the head of a column",
  StaffMember: "staff",
  TaxonomyMeasurementAttribute: "a class of goods",
  Validation: "settings of an app",
};

const ANSWER: Reasons = {
  CalculatedDraftOrderLineItem: "a draft order being calculated",
  CalculatedLineItem: "an order being edited",
  CustomerMergeError: "an error",
  CustomerMergePreviewAlternateFields: "a preview of two customers as one",
  CustomerMergePreviewBlockingFields: "a preview of two customers as one",
  CustomerMergePreviewDefaultFields: "a preview of two customers as one",
  DraftOrderBundleAddedWarning: "a warning",
  DraftOrderDiscountNotAppliedWarning: "a warning",
  DraftOrderMarketRegionCountryCodeNotSupportedWarning: "a warning",
  FailedRequirement: "an error",
  FileError: "an error",
  FulfillmentOrderLocationForMove: "an error",
  MediaError: "an error",
  MediaWarning: "a warning",
  OrderPaymentStatus: "an error",
  OrderStagedChangeAddShippingLine: "an order being edited",
  ShippingLabelPurchaseError: "an error",
  ShopPayPaymentRequestReceiptProcessingStatus: "an error",
  SubscriptionBillingAttempt: "an error",
  SubscriptionBillingAttemptGenericError: "an error",
  SubscriptionBillingAttemptInsufficientStockProductVariantsError: "an error",
  SubscriptionBillingAttemptOutOfStockProductVariantsError: "an error",
  SubscriptionBillingAttemptUnexpectedError: "an error",
  SubscriptionDeliveryOptionResultFailure: "an error",
  SubscriptionShippingOptionResultFailure: "an error",
  SuggestedOrderTransaction: "a refund being calculated",
};

const ELSEWHERE: Reasons = {
  Abandonment: "the abandoned checkout and the customer",
  CustomerSegmentMember: "the customer",
  DiscountAutomaticNode: "DiscountNode",
  DiscountCodeNode: "DiscountNode",
  FulfillmentOrder: "the order's address and line items, as the warehouse sees them",
  FulfillmentOrderDestination: "the order's shipping address",
  LocalizationExtension: "localizedFields, under its older name",
  OrderRisk: "OrderRiskAssessment, under its older name",
  SubscriptionBillingCycleEditedContract: "the contract, with one cycle changed",
  SubscriptionDraft: "the contract, while it is changed",
  TypedAttribute: "customAttributes, with types",
};

const UNREADABLE: Reasons = {
  AppInstallation: "an app's metafields on its own installation are shown to that app only",
  CustomerCreditCard: "payment methods need a scope that Shopify grants to subscription apps only; masked, and bound to the gateway, so nobody could put them back",
  CustomerCreditCardBillingAddress: "as CustomerCreditCard",
  CustomerPaymentInstrumentBillingAddress: "as CustomerCreditCard",
  CustomerPaymentMethod: "as CustomerCreditCard",
  CustomerPaypalBillingAgreement: "as CustomerCreditCard",
  CustomerShopPayAgreement: "as CustomerCreditCard",
  DeliveryMethodAdditionalInformation: "needs the scopes of fulfilment orders, which let an app act for a warehouse",
  FulfillmentEvent: "a carrier's messages below a fulfilment, three lists deep; the tracking number that leads to them is read",
  FulfillmentHold: "as DeliveryMethodAdditionalInformation",
  FulfillmentOrderMerchantRequest: "as DeliveryMethodAdditionalInformation",
  ShopPayPaymentRequest: "needs a scope for Shop Pay component merchants; what came of it is the order",
  ShopPayPaymentRequestContactField: "as ShopPayPaymentRequest",
  ShopifyPaymentsDisputeEvidence: "needs the scope to answer bank disputes",
  TranslatableContent: "as Translation",
  Translation: "translations are asked for by language and resource, one at a time; the originals are read",
  VaultCreditCard: "as CustomerCreditCard",
  VaultPaypalBillingAgreement: "as CustomerCreditCard",
};

/** Timelines of people's records are read from the root (kind Event). Those of goods and texts tell what staff did to them. */
const TIMELINE: Decision = { kind: "elsewhere", why: "the timeline, read as a kind of its own where it is about people" };

/** By "Type.field". */
export const FIELD_DECISIONS: Readonly<Record<string, Decision>> = {
  "Article.events": TIMELINE,
  "BasicEvent.additionalData": { kind: "elsewhere", why: "additionalContent, laid out for screens" },
  "Blog.events": TIMELINE,
  "Collection.events": TIMELINE,
  "Comment.bodyHtml": { kind: "elsewhere", why: "body, as HTML" },
  "Comment.events": TIMELINE,
  "Company.events": TIMELINE,
  "CompanyAddress.formattedAddress": { kind: "elsewhere", why: "its members, put together" },
  "CompanyLocation.events": TIMELINE,
  "CompanyLocation.taxRegistrationId": { kind: "elsewhere", why: "taxSettings" },
  "Customer.addresses": { kind: "elsewhere", why: "addressesV2" },
  "Customer.companyContactProfiles": { kind: "elsewhere", why: "CompanyContact" },
  "Customer.displayName": { kind: "elsewhere", why: "firstName and lastName" },
  "Customer.email": { kind: "elsewhere", why: "defaultEmailAddress" },
  "Customer.events": TIMELINE,
  "Customer.phone": { kind: "elsewhere", why: "defaultPhoneNumber" },
  "DiscountAutomaticApp.tags": { kind: "merchant", why: "how staff sort discounts" },
  "DiscountAutomaticBasic.tags": { kind: "merchant", why: "how staff sort discounts" },
  "DiscountAutomaticBxgy.events": TIMELINE,
  "DiscountAutomaticBxgy.tags": { kind: "merchant", why: "how staff sort discounts" },
  "DiscountAutomaticFreeShipping.tags": { kind: "merchant", why: "how staff sort discounts" },
  "DiscountCodeApp.tags": { kind: "merchant", why: "how staff sort discounts" },
  "DiscountCodeBasic.tags": { kind: "merchant", why: "how staff sort discounts" },
  "DiscountCodeBxgy.tags": { kind: "merchant", why: "how staff sort discounts" },
  "DiscountCodeFreeShipping.tags": { kind: "merchant", why: "how staff sort discounts" },
  "DiscountNode.events": TIMELINE,
  "DraftOrder.events": TIMELINE,
  "DraftOrderLineItem.customAttributesV2": { kind: "elsewhere", why: "customAttributes" },
  "Fulfillment.originAddress": { kind: "merchant", why: "the merchant's warehouse" },
  "Image.metafields": { kind: "elsewhere", why: "always empty: images lost their metafields when files got them" },
  "MailingAddress.formatted": { kind: "elsewhere", why: "its members, put together" },
  "MailingAddress.latitude": { kind: "elsewhere", why: "worked out from the address" },
  "MailingAddress.longitude": { kind: "elsewhere", why: "worked out from the address" },
  "MailingAddress.name": { kind: "elsewhere", why: "firstName and lastName" },
  "MediaImage.metafields": { kind: "elsewhere", why: "deprecated by Shopify; entries of custom data took their place" },
  "Metaobject.displayName": { kind: "elsewhere", why: "one of its fields" },
  "Order.displayAddress": { kind: "elsewhere", why: "shippingAddress or billingAddress" },
  "Order.events": TIMELINE,
  "Order.statusPageUrl": { kind: "unreadable", why: "a link that opens the order to whoever holds it: a copy would be a key lying about" },
  "Page.events": TIMELINE,
  "Product.bodyHtml": { kind: "elsewhere", why: "descriptionHtml" },
  "Product.events": TIMELINE,
  "ProductVariant.displayName": { kind: "elsewhere", why: "title" },
  "ProductVariant.events": TIMELINE,
  "Shop.billingAddress": { kind: "merchant", why: "the merchant" },
  "Shop.email": { kind: "merchant", why: "the merchant" },
  "Shop.shopAddress": { kind: "merchant", why: "the merchant" },
};

export const TYPE_DECISIONS: Readonly<Record<string, Decision>> = {
  ...each("merchant", MERCHANT),
  ...each("answer", ANSWER),
  ...each("elsewhere", ELSEWHERE),
  ...each("unreadable", UNREADABLE),
};

function each(kind: DecisionKind, reasons: Reasons): Record<string, Decision> {
  return Object.fromEntries(Object.entries(reasons).map(([type, why]) => [type, { kind, why }]));
}
