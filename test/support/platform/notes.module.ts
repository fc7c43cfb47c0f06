import { Arg, Ctx, Field, ID, Mutation, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql';
import { Migration } from '@mikro-orm/migrations';
import { RequestContext } from '../../../src/platform/api/request-context.ts';
import { boundAtStart } from '../../../src/platform/api/subscribe.ts';
import { BoundedEventQueue } from '../../../src/platform/api/bounded-event-queue.ts';
import { defineSignal } from '../../../src/platform/bus/signals.ts';
import { newId } from '../../../src/platform/database/ids.ts';
import { defineAccess } from '../../../src/platform/module-access.ts';
import type { HubModule } from '../../../src/platform/module.ts';

class CreateNotes extends Migration {
  override up(): void {
    this.addSql('create table note (id uuid primary key, text text not null, is_read boolean not null)');
  }
}

@ObjectType()
class Note {
  @Field(() => ID)
  id!: string;
  @Field()
  text!: string;
}

const noteWritten = defineSignal<Note>('note written');

@Resolver(() => Note)
class NotesResolver {
  constructor(private readonly publish: (note: Note) => void) {}

  @Query(() => [Note])
  notes(@Ctx() { em }: RequestContext): Promise<Note[]> {
    return em.execute<Note[]>('select id, text from note where not is_read order by id');
  }

  @Mutation(() => Note)
  async writeNote(@Arg('text') text: string, @Ctx() { em }: RequestContext): Promise<Note> {
    const note = { id: newId(), text };
    await em.execute('insert into note (id, text, is_read) values (?, ?, false)', [note.id, text]);
    this.publish(note);
    return note;
  }

  @Subscription(() => Note, { subscribe: boundAtStart })
  noteWritten(@Root() note: Note): Note {
    return note;
  }
}

/** A domain with one of everything: a table, a resolver, a subscription, a job, a scope and a route. */
export const notesModule = {
  name: 'notes',
  migrations: [{ name: '2026-12-01-notes', class: CreateNotes }],
  resolvers: [NotesResolver],
  subgraphs: { operations: { resolvers: [NotesResolver] } },
  access: defineAccess({
    declare: { 'note:read': 'Notes.', 'note:write': 'Writing notes.' },
    fields: {
      'Query.notes': 'note:read',
      'Mutation.writeNote': 'note:write',
      'Subscription.noteWritten': 'note:read',
    },
  }),
  build({ orm, signals }, { title }) {
    const watchers = new Set<BoundedEventQueue<Note>>();
    const unsubscribe = signals.on(noteWritten, (note) => {
      for (const watcher of watchers) watcher.push(note);
    });
    return {
      provides: { count: () => orm.em.fork().execute<{ id: string }[]>('select id from note') },
      resolvers: [new NotesResolver((note) => signals.publish(noteWritten, note))],
      subscriptions: {
        noteWritten() {
          const watcher: BoundedEventQueue<Note> = new BoundedEventQueue(() => watchers.delete(watcher));
          watchers.add(watcher);
          return watcher;
        },
      },
      jobs: [
        {
          name: 'reading-notes',
          everyMs: 3_600_000,
          scope: 'PROCESS',
          run: async () => void (await orm.em.fork().execute('update note set is_read = true')),
        },
      ],
      routes: [async (app) => void app.get('/notes', async () => ({ title }))],
      async stop() {
        unsubscribe();
        for (const watcher of watchers) await watcher.return();
      },
    };
  },
} satisfies HubModule<{ title: string }, { count: () => Promise<object[]> }>;
