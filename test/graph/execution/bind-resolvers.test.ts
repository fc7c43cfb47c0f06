import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { graphql, type GraphQLResolveInfo } from 'graphql';
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  Info,
  InputType,
  Int,
  Mutation,
  Query,
  Resolver,
  UseMiddleware,
} from 'type-graphql';
import { buildHubSchema } from '../../../src/graph/execution/build-schema.ts';

@InputType('BoundPartInput')
class Part {
  @Field(() => Int)
  units!: number;
}
@InputType('BoundInput')
class Given {
  @Field(() => String)
  name!: string;
  @Field(() => [Part])
  parts!: Part[];
}
@ArgsType()
class Page {
  @Field(() => Int, { defaultValue: 20 })
  first!: number;
  @Field(() => String, { nullable: true })
  after?: string | null;
}

const seen: string[] = [];

@Resolver()
class Bound {
  constructor(private readonly greeting: string) {}

  @Query(() => String)
  boundPage(@Ctx() context: { who: string }, @Args(() => Page) { first, after }: Page): string {
    return `${this.greeting} ${context.who}: ${first} after ${String(after)}`;
  }

  @Mutation(() => String)
  async boundInput(
    @Arg('input', () => Given) input: Given,
    @Info() info: GraphQLResolveInfo,
    @Arg('times', () => Int, { nullable: true }) times?: number | null,
  ): Promise<string> {
    expect(input.parts[0]).not.toBeInstanceOf(Part);
    return `${info.fieldName} ${input.name} ${input.parts.map(({ units }) => units).join('+')} ${String(times)}`;
  }

  @Mutation(() => String)
  @UseMiddleware(async (_data, next) => {
    seen.push('before');
    return next();
  })
  watched(@Arg('input', () => Given) input: Given): string {
    expect(input.parts[0]).toBeInstanceOf(Part);
    return `${this.greeting} ${input.name}`;
  }
}

async function ask(source: string): Promise<unknown> {
  const schema = await buildHubSchema([Bound], [new Bound('Hello')]);
  return (await graphql({ schema, source, contextValue: { who: 'Ada' } })) as unknown;
}

test('parameters of every kind have their values, defaults included, wherever they stand', async () => {
  expect(await ask('{ usual: boundPage all: boundPage(first: 3, after: "x") }')).toEqual({
    data: { usual: 'Hello Ada: 20 after undefined', all: 'Hello Ada: 3 after x' },
  });
  const mutation = 'mutation { boundInput(input: { name: "n", parts: [{ units: 1 }, { units: 2 }] }) }';
  expect(await ask(mutation)).toEqual({ data: { boundInput: 'boundInput n 1+2 undefined' } });
});

test('what is more than a method stays with type-graphql', async () => {
  const result = await ask('mutation { watched(input: { name: "n", parts: [{ units: 1 }] }) }');
  expect(result).toEqual({ data: { watched: 'Hello n' } });
  expect(seen).toEqual(['before']);
});
