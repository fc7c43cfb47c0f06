import { composeServices } from '@apollo/composition';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { parse, type DocumentNode } from 'graphql';
import { subgraphFiles } from './subgraph-files.ts';

/** What was answered, as JSON has it. */
export interface Answer {
  // eslint-disable-next-line typescript/no-explicit-any -- tests read answers of many shapes
  data: any;
  codes: unknown[];
}

export interface Gateway {
  ask: (document: DocumentNode, variables?: Record<string, unknown>) => Promise<Answer>;
  stop: () => Promise<void>;
}

/** @apollo/gateway over the committed subgraphs, each asked through `sourceOf`. */
export async function startGateway(sourceOf: (subgraph: string) => GraphQLDataSource): Promise<Gateway> {
  const { supergraphSdl } = composeServices(
    subgraphFiles().map(({ name, sdl }) => ({ name, url: `http://hub/${name}`, typeDefs: parse(sdl) })),
  );
  const gateway = new ApolloGateway({
    supergraphSdl: supergraphSdl!,
    buildService: ({ name }) => sourceOf(name),
  });
  const server = new ApolloServer({ gateway, stopOnTerminationSignals: false });
  await server.start();
  return {
    async ask(query, variables = {}) {
      const { body } = await server.executeOperation({ query, variables });
      if (body.kind !== 'single') throw new Error('an incremental answer');
      const { data, errors } = body.singleResult;
      return {
        data: JSON.parse(JSON.stringify(data ?? null)),
        codes: (errors ?? []).map(({ extensions }) => extensions?.['code']),
      };
    },
    stop: () => server.stop(),
  };
}
