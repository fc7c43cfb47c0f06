import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import { useServer } from 'graphql-ws/use/ws';
import { createServer } from 'node:http';
import {
  Arg,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
  buildSchema,
} from 'type-graphql';
import { WebSocketServer } from 'ws';

/**
 * What one gets by following the manuals: type-graphql with its `createPubSub` (that of graphql-yoga), a topic for each
 * SKU, served by graphql-ws. Every subscriber has its own queue, execution and serialisation. Told over IPC what to
 * publish. Its point of failure: a subscriber's queue holds 1,024 events, and one more throws outside of any promise,
 * which ends the process (`burst` shows it).
 */
// oxlint-disable typescript/no-extraneous-class -- type-graphql takes types as classes; this file has no decorator syntax
class Sku {}
class Term {}
class Atp {}
class Update {}
class AtpResolver {
  nothing() {
    return 0;
  }
  atp(update) {
    return update;
  }
  sku({ code }) {
    return { code };
  }
}
const field = (type, name, of, options = {}) => Field(of, options)(type.prototype, name);
ObjectType('Sku')(Sku);
field(Sku, 'code', () => ID);
ObjectType('AtpTerm')(Term);
field(Term, 'kind', () => String);
field(Term, 'quantity', () => Int);
ObjectType('AvailableToPromise')(Atp);
field(Atp, 'quantity', () => Int);
field(Atp, 'version', () => String);
field(Atp, 'asOf', () => String);
field(Atp, 'terms', () => [Term]);
ObjectType('AtpUpdate')(Update);
field(Update, 'kind', () => String);
field(Update, 'previousVersion', () => String, { nullable: true });
field(Update, 'coalesced', () => Int);
field(Update, 'atp', () => Atp);

const method = (name) => [
  AtpResolver.prototype,
  name,
  Object.getOwnPropertyDescriptor(AtpResolver.prototype, name),
];
Resolver(() => Atp)(AtpResolver);
Query(() => Int)(...method('nothing'));
const snapshotless = { topics: ({ args }) => args.skus };
Subscription(() => Update, snapshotless)(...method('atp'));
Root()(AtpResolver.prototype, 'atp', 0);
Arg('skus', () => [ID])(AtpResolver.prototype, 'atp', 1);
FieldResolver(() => Sku)(...method('sku'));
Root()(AtpResolver.prototype, 'sku', 0);

const pubSub = createPubSub();
const schema = await buildSchema({ resolvers: [AtpResolver], pubSub, validate: false });
const server = createServer();
useServer({ schema }, new WebSocketServer({ server, perMessageDeflate: false }));

process.on('message', ({ sku, update, times = 1 }) => {
  if (update === undefined) return;
  update.atp.code = update.atp.sku.code;
  for (let time = 0; time < times; time++) pubSub.publish(sku, update);
});
process.on('SIGTERM', () => process.exit());
server.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${server.address().port}`));
