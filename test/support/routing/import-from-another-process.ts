import { recordImporters } from '../sync/record-importers.ts';
import { GroupCommit, StockEngine } from '../../../src/inventory/index.ts';
import { databaseModel } from '../../../src/model.ts';
import type { OrderInput } from '../../../src/order/index.ts';
import { connectOrm } from '../../../src/platform/database/database.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { countOf, submission } from '../inventory/engine.ts';

/** Takes an order in as a channel's connector would, beside a running hub, which routes it by itself. */
export async function takeBeside(databaseUrl: string, order: OrderInput): Promise<void> {
  const orm = await connectOrm(databaseUrl, databaseModel);
  const committer = new GroupCommit(databaseUrl, createLogger('silent'), () => undefined);
  await committer.submit(submission(countOf('MUG', 20, 'EAST')));
  const importers = recordImporters(new StockEngine((command) => committer.submit(command)));
  await orm.em
    .fork()
    .transactional((em) => importers.order(em, [order], { connector: 'files', stream: 'orders' }));
  await committer.close();
  await orm.close();
}
