/** A record that the index names and the pack does not have: somebody with the host's key erased more than the redaction says. */
import { expect, it } from "@jest/globals";
import { verifyVault } from "#app/vault/index.ts";
import { SCRATCH } from "#tests/support/vault-kit.ts";
import { signJson } from "#app/vault/crypto/signed.ts";
import { keptVault, people, redactIn } from "#tests/vault/retention/kit.ts";

it("is named by verify with its pack, frame and place, and only for whoever opens records", async () => {
  const kept = await keptVault();
  await kept.take(people(0, 12));
  expect(await redactIn(kept, ["person-3", "person-5"], { tree: false })).toMatchObject({ kind: "done" });
  const { hostKeys, identity } = kept.test;
  const verify = (opener: typeof identity.opener | null) => verifyVault({ store: kept.store, readData: true, hostKeys, ...(opener === null ? {} : { opener }), scratchDirectory: SCRATCH });
  expect((await verify(identity.opener)).findings).toEqual([]);

  const [key, bytes] = [...kept.store.objects].find(([name]) => /^redactions\/\d+\.json$/.test(name))!;
  const payload = JSON.parse(Buffer.from((JSON.parse(Buffer.from(bytes).toString()) as { payload: string }).payload, "base64url").toString()) as { packs: { to: { id: string }; erased: number[][] }[] };
  const [pack] = payload.packs as [(typeof payload.packs)[number]];
  // One of them was, by these words, never to be erased.
  const [frame, ...ordinals] = pack.erased.shift() as [number, ...number[]];
  const ordinal = ordinals.shift();
  if (ordinals.length > 0) pack.erased.unshift([frame, ...ordinals]);
  kept.store.objects.set(key, await signJson(payload, "holdfast-redaction", hostKeys.signingKey));
  const { id } = pack.to;
  expect((await verify(identity.opener)).findings).toContainEqual({ code: "record.missing", object: `packs/${id.slice(0, 2)}/${id}`, detail: `frame ${frame}, record ${ordinal}` });
  expect((await verify(null)).findings.map(({ code }) => code)).not.toContain("record.missing");
});
