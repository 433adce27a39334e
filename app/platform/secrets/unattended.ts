/** The key service that this host may ask by itself, so that erasures are carried out although nobody is there with an identity. One for all shops: for a merchant who runs the app. */
import { openHolder, type KeyHolder } from "#app/keys/index.ts";
import type { UnattendedKeys } from "#app/workflows/ports.ts";

export function unattendedKeys(address: string): UnattendedKeys {
  let holder: Promise<KeyHolder> | null = null;
  return {
    openerFor: async () => {
      // A service that was away is asked again the next time.
      holder ??= openHolder(address).catch((error: unknown) => {
        holder = null;
        throw error;
      });
      return (await holder).opener;
    },
  };
}
