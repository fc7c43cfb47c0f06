import type { AtpUpdate } from './types.ts';

/**
 * The version last shown of each SKU: what is older is not shown, and what to resume from. Versions compare as strings;
 * a snapshot always counts, because after a restore of the database versions may start again.
 */
export class Versions {
  private readonly known = new Map<string, string>();

  /** Records an update. @returns whether it is to be shown */
  isNews({ kind, atp: { sku, version } }: AtpUpdate): boolean {
    const known = this.known.get(sku.code);
    if (kind === 'CHANGE' && known !== undefined && version <= known) return false;
    this.known.set(sku.code, version);
    return true;
  }

  /** The argument `resume`; undefined before anything was told. */
  resume(): { sku: string; version: string }[] | undefined {
    if (this.known.size === 0) return undefined;
    return [...this.known].map(([sku, version]) => ({ sku, version }));
  }
}
