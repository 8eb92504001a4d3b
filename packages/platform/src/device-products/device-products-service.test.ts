import { afterEach, beforeEach, expect, it } from "vitest";
import { auditTrail } from "../testing/audit-trail.ts";
import { type Cast, codeOf, createCast, Harness } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
});
afterEach(() => harness.dispose());

const products = () => harness.platform.deviceProducts;
const page = { page: 1, pageSize: 10 };
const stranger = () => harness.callerOf(cast.stranger);
const create = (further: object = {}) =>
  products().create(stranger(), { name: "Thermometer", bizChainId: cast.otherChain.chain.bizChainId, ...further });

it("registers, finds and removes products, over a restart", async () => {
  const product = await create({ description: "冷链" });
  expect(product).toMatchObject({
    productKey: expect.stringMatching(/^[A-Za-z0-9]{11}$/),
    tenantId: stranger().tenantId,
    name: "Thermometer",
    description: "冷链",
  });
  await harness.restart();
  expect(await products().get(stranger(), product.productKey)).toEqual(product);
  const { bizChainId } = cast.otherChain.chain;
  expect(await products().list(stranger(), { ...page, bizChainId })).toEqual({ total: 1, items: [product] });
  expect((await products().list(stranger(), { ...page, name: "Barometer" })).total).toBe(0);
  await products().delete(stranger(), product.productKey);
  expect(await codeOf(products().get(stranger(), product.productKey))).toBe("PRODUCT_UNKNOWN");
  expect(await auditTrail(harness.store, "platform:deviceProduct:")).toMatchObject([
    { action: "platform:deviceProduct:create", resourceId: product.productKey, uid: cast.stranger.uid },
    { action: "platform:deviceProduct:delete", resourceId: product.productKey, uid: cast.stranger.uid },
  ]);
});

it("takes products of any chain", async () => {
  const product = await products().create(stranger(), { name: "Barometer" });
  expect(product.bizChainId).toBeNull();
  const { bizChainId } = cast.otherChain.chain;
  expect((await products().list(stranger(), { ...page, bizChainId })).total).toBe(0);
  await harness.restart();
  expect((await products().list(stranger(), page)).items).toEqual([product]);
});

it("takes a chain that a member of the tenant is on, and none that only strangers are on", async () => {
  const { bizChainId } = cast.chain.chain;
  const memberAccount = harness.callerOf(cast.memberAccount);
  expect(await products().create(memberAccount, { name: "Barometer", bizChainId })).toMatchObject({ bizChainId });
  const otherId = cast.otherChain.chain.bizChainId;
  expect(await codeOf(products().create(memberAccount, { name: "Hygrometer", bizChainId: otherId }))).toBe(
    "CHAIN_UNKNOWN",
  );
});

it("keeps a product that identities or groups belong to", async () => {
  const { devices, deviceIdentities } = harness.platform;
  const withDevices = await create();
  await deviceIdentities.provision(stranger(), { productKey: withDevices.productKey, algorithm: "aes-128", count: 1 });
  const withGroup = await create({ name: "Barometer" });
  await devices.registerGroup(stranger(), {
    bizChainId: cast.otherChain.chain.bizChainId,
    productKey: withGroup.productKey,
    name: "barometers",
  });
  for (const { productKey } of [withDevices, withGroup]) {
    expect(await codeOf(products().delete(stranger(), productKey))).toBe("RESOURCE_IN_USE");
    expect((await products().get(stranger(), productKey)).productKey).toBe(productKey);
  }
});

it("refuses with the reason", async () => {
  const { productKey } = await create();
  expect(await codeOf(create())).toBe("NAME_EXISTS");
  expect(await codeOf(create({ name: "" }))).toBe("NAME_INVALID");
  expect(await codeOf(create({ name: "a", description: "two\nlines" }))).toBe("DESCRIPTION_INVALID");
  expect(await codeOf(create({ name: "a", bizChainId: "0" }))).toBe("CHAIN_UNKNOWN");
  expect(await codeOf(create({ name: "a", bizChainId: cast.chain.chain.bizChainId }))).toBe("CHAIN_UNKNOWN");
  expect(await codeOf(create({ name: "a", tenantId: "0" }))).toBe("ACCESS_DENIED");
  const member = harness.callerOf(cast.memberAccount);
  expect(await codeOf(products().get(member, productKey))).toBe("PRODUCT_UNKNOWN");
  expect(await codeOf(products().list(harness.callerOf(cast.memberPrincipal), page))).toBe("ACCESS_DENIED");
});
