/** Before all tests: where a test file that needs a database asks for one. */
import { startBroker } from "./database/broker.mjs";

export default async function setUp() {
  const broker = await startBroker();
  process.env["HOLDFAST_TEST_BROKER"] = broker.url;
  Object.assign(globalThis, { holdfastTestBroker: broker });
}
