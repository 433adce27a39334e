/** recover/README.txt: for whoever opens the bucket at 3 a.m. and has nothing else. */
export const README = `This bucket is a Holdfast vault: sealed copies of a store's records. Everything needed to get them back is here, but for the key.

1. Copy the whole bucket into a folder on a machine you trust, with the storage's own tool. Work there; nothing here is ever changed.
2. Have Node.js 22.15 or newer (nodejs.org). Nothing else is needed, no network either.
3. Have the identity file (identity.jwk) of one of the vault's recipients, and its passphrase if it has one.
4. Open a terminal in that folder, find the newest folder under recover/, and run, with its name instead of VERSION:
     node recover/VERSION/recover.mjs . --identity /path/to/identity.jwk --out /path/to/results
5. records.jsonl in the results has one record a line, in the order they came; report.json says whether that is everything.
   Exit code 0: everything, proven. 1: something is damaged; the rest was recovered all the same, and report.json names what is not.
6. The results are not encrypted. Keep them as you would keep the records.

recover/VERSION/manifest.json has the digests of these files, signed by the vault's key. FORMAT.md there describes every byte.
`;
