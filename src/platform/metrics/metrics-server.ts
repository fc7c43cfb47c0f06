import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registry } from './registry.ts';

/** The path of the metrics, on the hub's address and on one of their own. */
export const METRICS_PATH = '/metrics';

/** Serves the metrics without a key, on an address of their own that only a scraper should reach. */
export async function startMetricsServer(address: {
  host: string;
  port: number;
}): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== METRICS_PATH) {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}${METRICS_PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
