import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A channel's API as a process of its own, as hosted platforms are: answers take their time, more than `rate` calls a
 * second are refused with 429 and Retry-After, a page has 100 products, a stock call 50 SKUs. Told of by its arguments:
 * SKUs, latency in ms, calls a second. Each stock call is told to the parent with the moment it came.
 */
const [skus, latencyMs, rate] = process.argv.slice(2).map(Number);
const stock = new Map();
let begun = [];

createServer(async (request, response) => {
  const at = Date.now();
  begun = begun.filter((moment) => at - moment < 1000);
  if (begun.length >= rate) {
    response.writeHead(429, { 'retry-after': '1' }).end();
    return;
  }
  begun.push(at);
  let body = '';
  for await (const chunk of request) body += chunk;
  await delay(latencyMs * (0.5 + Math.random()));
  const url = new URL(request.url, 'http://channel');
  response.writeHead(200, { 'content-type': 'application/json' });
  if (request.method === 'GET')
    return response.end(JSON.stringify(products(Number(url.searchParams.get('after')))));
  const told = JSON.parse(body);
  for (const { sku, quantity } of told) stock.set(sku, quantity);
  process.send({ at, told });
  response.end(JSON.stringify(told.map(({ sku }) => ({ sku, sellable: stock.get(sku) }))));
}).listen(0, '127.0.0.1', function () {
  process.send({ port: this.address().port });
});

function products(after) {
  const length = Math.max(0, Math.min(100, skus - after));
  return Array.from({ length }, (_, index) => {
    const number = after + index + 1;
    return { number, code: `SKU-${String(number).padStart(5, '0')}`, title: `Product ${number}`, grams: 250 };
  });
}
