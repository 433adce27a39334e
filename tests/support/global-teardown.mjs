/** After all tests: the databases and their server go. */
export default async function tearDown() {
  /** @type {{ holdfastTestBroker?: { close(): Promise<void> } }} */
  const kept = Object.create(globalThis);
  await kept.holdfastTestBroker?.close();
}
