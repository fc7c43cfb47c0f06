import { request, type Agent } from 'node:http';

export interface GraphqlReply {
  data?: unknown;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** One POST on a connection of `agent`'s. Rejects when the connection fails before the whole answer is there. */
export function postGraphql(
  hub: { url: string; adminKey: string },
  body: { query: string; variables?: object },
  agent?: Agent,
): Promise<GraphqlReply> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${hub.url}/graphql`,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${hub.adminKey}` },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          try {
            resolve(JSON.parse(Buffer.concat(chunks).toString()) as GraphqlReply);
          } catch (error) {
            reject(error as Error);
          }
        });
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}
