import { describe, expect, it } from "@jest/globals";
import { privateData } from "#app/sources/shopify/coverage/private-data.ts";

const definition = (namespace: string, admin: string): Record<string, unknown> => ({ namespace, ownerType: "CUSTOMER", access: { admin } });

describe("data that another app keeps to itself", () => {
  it.each(["PRIVATE", "MERCHANT_READ", "MERCHANT_READ_WRITE", "SOMETHING_NEW"])("is named by its definition when the access is %s", (access) => {
    expect(privateData(definition("app--771--clinic", access), "5")).toEqual({ appId: "771", namespace: "app--771--clinic", owner: "CUSTOMER", access });
  });

  it("is named for custom data types, too", () => {
    expect(privateData({ type: "app--771--visit", access: { admin: "PRIVATE" } }, "5")).toEqual({ appId: "771", namespace: "app--771--visit", owner: "METAOBJECT", access: "PRIVATE" });
  });

  it("is none when the app lets everybody read it, when it is this app's own, or when the namespace is the merchant's", () => {
    expect(privateData(definition("app--771--clinic", "PUBLIC_READ"), "5")).toBeNull();
    expect(privateData(definition("app--5--copies", "PRIVATE"), "5")).toBeNull();
    expect(privateData(definition("health_intake", "MERCHANT_READ_WRITE"), "5")).toBeNull();
    expect(privateData(definition("application--771", "PRIVATE"), "5")).toBeNull();
  });

  it("takes an access that was not told for private", () => {
    expect(privateData({ namespace: "app--771", ownerType: "ORDER" }, null)).toMatchObject({ access: "unknown", owner: "ORDER" });
  });
});
