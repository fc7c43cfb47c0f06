import { RemoteGraphQLDataSource } from '@apollo/gateway';
import { print, type DocumentNode } from 'graphql';
import type { RunningHub } from '../hub.ts';
import type { Answer } from './gateway.ts';

type Address = Pick<RunningHub, 'url' | 'adminKey'>;

/** The subgraph as the hub serves it over HTTP, asked with the admin key. */
export function mountedSubgraph({ url, adminKey }: Address, name: string): RemoteGraphQLDataSource {
  return new RemoteGraphQLDataSource({
    url: `${url}/subgraphs/${name}/graphql`,
    willSendRequest: ({ request }) => request.http?.headers.set('authorization', `Bearer ${adminKey}`),
  });
}

/** The merged schema at /graphql. */
export async function askHub(
  { url, adminKey }: Address,
  document: DocumentNode,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await response.json()) as {
    data?: unknown;
    errors?: { extensions?: { code?: unknown } }[];
  };
  return { data: data ?? null, codes: (errors ?? []).map(({ extensions }) => extensions?.code) };
}
