import { mkdirSync, readdirSync } from 'node:fs';
import { generateSampleShop } from '../connectors/files/sample-shop/index.ts';
import type { HubCore } from './platform/module.ts';

/** Makes the folder that the files connector watches. @returns whether the sample shop was just put into it */
export async function prepareSampleShop(
  { config, orm, clock }: Pick<HubCore, 'config' | 'orm' | 'clock'>,
  folder: string,
): Promise<boolean> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!config.sample || !config.outgoing || !config.jobs) return false;
  if (readdirSync(folder).length > 0) return false;
  const [row] = await orm.em.fork().execute<{ used: boolean }[]>('select exists (select 1 from sku) as used');
  if (row!.used) return false;
  await generateSampleShop({ folder, anchor: clock.now() });
  return true;
}
