import { describe, expect, test } from "@jest/globals";
import { data, startShop } from "./support.ts";
import type { Json } from "./support.ts";

const EMPTY = { empty: true } as const;
const customer = async (shop: Awaited<ReturnType<typeof startShop>>): Promise<string> => (await data(shop, 'mutation { customerCreate(input: { firstName: "A", lastName: "SYNTHETIC", email: "a@example.com" }) { customer { id } } }')).customerCreate.customer.id;

describe("what a restore writes into an empty shop can be read again", () => {
  test("an order with its shipping, taxes, payment and fulfilment", async () => {
    const shop = await startShop(EMPTY);
    const money = (amount: string): Json => ({ shopMoney: { amount, currencyCode: "USD" } });
    const order = { currency: "USD", lineItems: [{ title: "x", quantity: 2, priceSet: money("10.00"), taxLines: [{ title: "T", rate: "0.05", priceSet: money("1.00") }] }], shippingLines: [{ title: "Post", priceSet: money("5.00") }], transactions: [{ kind: "SALE", status: "SUCCESS", amountSet: money("26.00") }], fulfillmentStatus: "FULFILLED" };
    const { orderCreate } = await data(shop, "mutation ($order: OrderCreateOrderInput!) { orderCreate(order: $order) { order { id totalPriceSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } } displayFinancialStatus transactions { kind amountSet { shopMoney { amount } } } fulfillments { status fulfillmentLineItems(first: 5) { nodes { quantity lineItem { title } } } } shippingLines(first: 5) { nodes { title taxLines { title } } } } userErrors { message } } }", { order });
    expect(orderCreate).toMatchObject({ userErrors: [], order: { totalPriceSet: { shopMoney: { amount: "26.0" } }, totalTaxSet: { shopMoney: { amount: "1.0" } }, displayFinancialStatus: "PAID", transactions: [{ kind: "SALE", amountSet: { shopMoney: { amount: "26.0" } } }], fulfillments: [{ status: "SUCCESS", fulfillmentLineItems: { nodes: [{ quantity: 2, lineItem: { title: "x" } }] } }], shippingLines: { nodes: [{ title: "Post", taxLines: [] }] } } });
  });

  test("a draft order, which can be changed and deleted", async () => {
    const shop = await startShop(EMPTY);
    const customerId = await customer(shop);
    const { draftOrderCreate } = await data(shop, "mutation ($input: DraftOrderInput!) { draftOrderCreate(input: $input) { draftOrder { id note2 customer { id } totalPriceSet { shopMoney { amount } } lineItems(first: 5) { nodes { title customAttributes { key value } } } metafields(first: 5) { nodes { key value } } } userErrors { message } } }", { input: { purchasingEntity: { customerId }, note: "SYNTHETIC", lineItems: [{ title: "Mask", quantity: 2, originalUnitPriceWithCurrency: { amount: "12.50", currencyCode: "USD" }, customAttributes: [{ key: "Size", value: "L" }] }], metafields: [{ namespace: "custom", key: "rx", type: "single_line_text_field", value: "1" }] } });
    expect(draftOrderCreate).toMatchObject({ userErrors: [], draftOrder: { note2: "SYNTHETIC", customer: { id: customerId }, totalPriceSet: { shopMoney: { amount: "25.0" } }, lineItems: { nodes: [{ title: "Mask", customAttributes: [{ key: "Size", value: "L" }] }] }, metafields: { nodes: [{ key: "rx", value: "1" }] } } });
    const { id } = draftOrderCreate.draftOrder;
    await data(shop, 'mutation ($id: ID!) { draftOrderUpdate(id: $id, input: { note: "other" }) { userErrors { message } } }', { id });
    expect((await data(shop, "{ draftOrders(first: 5) { nodes { note2 lineItems(first: 5) { nodes { title } } } } }")).draftOrders.nodes).toEqual([{ note2: "other", lineItems: { nodes: [{ title: "Mask" }] } }]);
    await data(shop, "mutation ($id: ID!) { draftOrderDelete(input: { id: $id }) { deletedId } }", { id });
    expect((await data(shop, "{ draftOrders(first: 5) { nodes { id } } draftOrdersCount { count } }"))).toEqual({ draftOrders: { nodes: [] }, draftOrdersCount: { count: 0 } });
  });

  test("store credit, by owner and by account, never below nothing", async () => {
    const shop = await startShop(EMPTY);
    const owner = await customer(shop);
    const credit = async (id: string, amount: string): Promise<Json> => (await data(shop, "mutation ($id: ID!, $amount: Decimal!) { storeCreditAccountCredit(id: $id, creditInput: { creditAmount: { amount: $amount, currencyCode: USD } }) { storeCreditAccountTransaction { account { id balance { amount } } } userErrors { code } } }", { id, amount })).storeCreditAccountCredit;
    const first = await credit(owner, "12.50");
    const account = first.storeCreditAccountTransaction.account.id;
    expect((await credit(account, "1")).storeCreditAccountTransaction.account).toEqual({ id: account, balance: { amount: "13.5" } });
    expect((await credit("gid://shopify/Customer/1", "1")).userErrors).toEqual([{ code: "OWNER_NOT_FOUND" }]);
    const { storeCreditAccountDebit } = await data(shop, "mutation ($id: ID!) { storeCreditAccountDebit(id: $id, debitInput: { debitAmount: { amount: 20, currencyCode: USD } }) { userErrors { code } } }", { id: account });
    expect(storeCreditAccountDebit.userErrors).toEqual([{ code: "INSUFFICIENT_FUNDS" }]);
    expect((await data(shop, "query ($id: ID!) { customer(id: $id) { storeCreditAccounts(first: 5) { nodes { id balance { amount } owner { ... on Customer { id } } transactions(first: 5) { nodes { amount { amount } } } } } } }", { id: owner })).customer.storeCreditAccounts.nodes).toEqual([{ id: account, balance: { amount: "13.5" }, owner: { id: owner }, transactions: { nodes: [{ amount: { amount: "12.5" } }, { amount: { amount: "1.0" } }] } }]);
  });

  test("a company with a location, a contact and a role; a location with store credit", async () => {
    const shop = await startShop(EMPTY);
    const customerId = await customer(shop);
    const { company } = (await data(shop, 'mutation { companyCreate(input: { company: { name: "SYNTHETIC Clinic", note: "n" } }) { company { id locations(first: 5) { nodes { id } } contactRoles(first: 5) { nodes { id name } } } userErrors { message } } }')).companyCreate;
    expect(company).toMatchObject({ locations: { nodes: [] }, contactRoles: { nodes: [{ name: "Location admin" }, { name: "Ordering only" }] } });
    const location = (await data(shop, 'mutation ($id: ID!) { companyLocationCreate(companyId: $id, input: { name: "Ward", taxExempt: true, shippingAddress: { address1: "1 Main", city: "Dover", countryCode: US, zoneCode: "DE" } }) { companyLocation { id shippingAddress { address1 zoneCode country } taxSettings { taxExempt } } userErrors { message } } }', { id: company.id })).companyLocationCreate.companyLocation;
    expect(location).toMatchObject({ shippingAddress: { address1: "1 Main", zoneCode: "DE", country: "United States" }, taxSettings: { taxExempt: true } });
    const contact = (await data(shop, "mutation ($companyId: ID!, $customerId: ID!) { companyAssignCustomerAsContact(companyId: $companyId, customerId: $customerId) { companyContact { id isMainContact customer { id } } userErrors { message } } }", { companyId: company.id, customerId })).companyAssignCustomerAsContact.companyContact;
    expect(contact).toMatchObject({ isMainContact: true, customer: { id: customerId } });
    await data(shop, "mutation ($contact: ID!, $role: ID!, $location: ID!) { companyContactAssignRole(companyContactId: $contact, companyContactRoleId: $role, companyLocationId: $location) { userErrors { message } } }", { contact: contact.id, role: company.contactRoles.nodes[1].id, location: location.id });
    await data(shop, "mutation ($id: ID!) { storeCreditAccountCredit(id: $id, creditInput: { creditAmount: { amount: 3, currencyCode: USD } }) { userErrors { message } } }", { id: location.id });
    expect((await data(shop, "{ companyLocations(first: 5) { nodes { company { id } roleAssignments(first: 5) { nodes { role { name } companyContact { id } } } storeCreditAccounts(first: 5) { nodes { balance { amount } owner { ... on CompanyLocation { id } } } } } } }")).companyLocations.nodes).toEqual([{ company: { id: company.id }, roleAssignments: { nodes: [{ role: { name: "Ordering only" }, companyContact: { id: contact.id } }] }, storeCreditAccounts: { nodes: [{ balance: { amount: "3.0" }, owner: { id: location.id } }] } }]);
  });

  test("a gift card, whose code is told once", async () => {
    const shop = await startShop(EMPTY);
    const customerId = await customer(shop);
    const { giftCardCreate } = await data(shop, "mutation ($input: GiftCardCreateInput!) { giftCardCreate(input: $input) { giftCardCode giftCard { id balance { amount } lastCharacters maskedCode customer { id } } userErrors { message } } }", { input: { initialValue: "30", note: "SYNTHETIC", customerId, code: "SYNTH12345" } });
    expect(giftCardCreate).toMatchObject({ giftCardCode: "synth12345", giftCard: { balance: { amount: "30.0" }, lastCharacters: "2345", maskedCode: "•••• •••• •••• 2345", customer: { id: customerId } }, userErrors: [] });
    expect((await data(shop, 'mutation { giftCardCreate(input: { initialValue: "0" }) { userErrors { code } } }')).giftCardCreate.userErrors).toEqual([{ code: "GREATER_THAN" }]);
  });

  test("a file, from a staged upload, byte for byte", async () => {
    const shop = await startShop(EMPTY);
    const bytes = Buffer.from("SYNTHETIC \u0000 prescription \u00ff");
    const { stagedTargets } = (await data(shop, 'mutation { stagedUploadsCreate(input: [{ filename: "rx.pdf", mimeType: "application/pdf", resource: FILE, httpMethod: POST }]) { stagedTargets { url resourceUrl parameters { name value } } } }')).stagedUploadsCreate;
    const [target] = stagedTargets;
    const form = new FormData();
    for (const { name, value } of target.parameters) form.append(name, value);
    form.append("file", new Blob([bytes]), "rx.pdf");
    expect((await fetch(target.url, { method: "POST", body: form })).status).toBe(201);
    const create = (source: string): Promise<Json> => data(shop, "mutation ($files: [FileCreateInput!]!) { fileCreate(files: $files) { files { id fileStatus alt } userErrors { code } } }", { files: [{ originalSource: source, alt: "SYNTHETIC", contentType: "FILE" }] });
    const made = (await create(target.resourceUrl)).fileCreate;
    expect(made).toEqual({ files: [{ id: expect.stringContaining("gid://shopify/GenericFile/"), fileStatus: "UPLOADED", alt: "SYNTHETIC" }], userErrors: [] });
    const file = (await data(shop, "query ($id: ID!) { node(id: $id) { ... on GenericFile { url fileStatus originalFileSize mimeType } } }", { id: made.files[0].id })).node;
    expect(file).toMatchObject({ fileStatus: "READY", originalFileSize: bytes.length, mimeType: "application/pdf" });
    expect(Buffer.from(await (await fetch(file.url)).arrayBuffer()).equals(bytes)).toBe(true);
    expect((await create("https://elsewhere.example.com/x.pdf")).fileCreate.userErrors).toEqual([{ code: "INVALID" }]);
    await data(shop, "mutation ($ids: [ID!]!) { fileDelete(fileIds: $ids) { deletedFileIds } }", { ids: [made.files[0].id] });
    expect((await data(shop, "{ files(first: 5) { nodes { id } } }")).files.nodes).toEqual([]);
  });

  test("pages, blogs and articles, each handle once; a comment's status", async () => {
    const shop = await startShop(EMPTY);
    const page = (handle: string | null): Promise<Json> => data(shop, "mutation ($page: PageCreateInput!) { pageCreate(page: $page) { page { id handle body isPublished } userErrors { code } } }", { page: { title: "My Page", body: "<b>SYNTHETIC</b>", ...(handle === null ? {} : { handle }) } });
    expect((await page("one")).pageCreate).toMatchObject({ page: { handle: "one", body: "<b>SYNTHETIC</b>", isPublished: true }, userErrors: [] });
    expect((await page("one")).pageCreate.userErrors).toEqual([{ code: "TAKEN" }]);
    expect([(await page(null)).pageCreate.page.handle, (await page(null)).pageCreate.page.handle]).toEqual(["my-page", "my-page-1"]);
    const { blog } = (await data(shop, 'mutation { blogCreate(blog: { title: "News" }) { blog { id } } }')).blogCreate;
    const { articleCreate } = await data(shop, 'mutation ($blogId: ID!) { articleCreate(article: { title: "A", body: "b", author: { name: "C" }, blogId: $blogId }) { article { id blog { id articles(first: 5) { nodes { id } } } } userErrors { code } } }', { blogId: blog.id });
    expect(articleCreate.article.blog).toEqual({ id: blog.id, articles: { nodes: [{ id: articleCreate.article.id }] } });
    expect((await data(shop, 'mutation { articleCreate(article: { title: "A", author: { name: "C" } }) { userErrors { code } } }')).articleCreate.userErrors).toEqual([{ code: "BLOG_REFERENCE_REQUIRED" }]);
    const full = await startShop({ customers: 1 });
    const { id } = (await data(full, "{ comments(first: 1) { nodes { id } } }")).comments.nodes[0];
    expect((await data(full, "mutation ($id: ID!) { commentSpam(id: $id) { comment { status isPublished } } }", { id })).commentSpam.comment).toEqual({ status: "SPAM", isPublished: false });
  });

  test("segments, discount codes and contracts", async () => {
    const shop = await startShop(EMPTY);
    const customerId = await customer(shop);
    expect((await data(shop, 'mutation { segmentCreate(name: "S", query: "number_of_orders > 1") { segment { name query } userErrors { message } } }')).segmentCreate).toEqual({ segment: { name: "S", query: "number_of_orders > 1" }, userErrors: [] });
    expect((await data(shop, 'mutation { segmentCreate(name: "S", query: "number_of_orders > 1") { userErrors { message } } }')).segmentCreate.userErrors).toEqual([{ message: "Name has already been taken" }]);
    const discount = (code: string): Promise<Json> => data(shop, "mutation ($d: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $d) { codeDiscountNode { id codeDiscount { ... on DiscountCodeBasic { title codes(first: 5) { nodes { code } } context { ... on DiscountCustomers { customers { id } } } } } } userErrors { code } } }", { d: { title: "T", code, startsAt: "2026-01-01T00:00:00Z", context: { customers: { add: [customerId] } }, customerGets: { value: { percentage: 0.2 }, items: { all: true } } } });
    const made = (await discount("X1")).discountCodeBasicCreate;
    expect(made).toMatchObject({ codeDiscountNode: { id: expect.stringContaining("DiscountCodeNode"), codeDiscount: { title: "T", codes: { nodes: [{ code: "X1" }] }, context: { customers: [{ id: customerId }] } } }, userErrors: [] });
    expect((await discount("x1")).discountCodeBasicCreate.userErrors).toEqual([{ code: "TAKEN" }]);
    const { product } = (await data(shop, 'mutation { productCreate(product: { title: "P" }) { product { variants(first: 1) { nodes { id } } } } }')).productCreate;
    const input = { customerId, currencyCode: "USD", nextBillingDate: "2027-01-01T00:00:00Z", contract: { status: "ACTIVE", note: "SYNTHETIC", billingPolicy: { interval: "MONTH", intervalCount: 1 }, deliveryPolicy: { interval: "MONTH", intervalCount: 1 }, deliveryPrice: "0" }, lines: [{ line: { productVariantId: product.variants.nodes[0].id, quantity: 1, currentPrice: "9.50" } }] };
    const { contract } = (await data(shop, "mutation ($input: SubscriptionContractAtomicCreateInput!) { subscriptionContractAtomicCreate(input: $input) { contract { id status customer { id } lines(first: 5) { nodes { currentPrice { amount } } } } userErrors { message } } }", { input })).subscriptionContractAtomicCreate;
    expect(contract).toMatchObject({ status: "ACTIVE", customer: { id: customerId }, lines: { nodes: [{ currentPrice: { amount: "9.5" } }] } });
    expect((await data(shop, "mutation ($id: ID!) { subscriptionContractPause(subscriptionContractId: $id) { contract { status } } }", { id: contract.id })).subscriptionContractPause.contract.status).toBe("PAUSED");
  });
});
