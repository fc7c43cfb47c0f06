import { PacedCalls, RetriableError, sendHttp } from '../../dist/connectors/spi/index.js';

/** A connector of the bench's channels: products by page, stock by fifties, at the pace that the API allows. */
export function openChannel({ url, channel, rate }) {
  const calls = new PacedCalls({ concurrency: 8, rate: { calls: rate, perMs: 1_000 }, retryAfterMs: 200 });
  const ask = (request, signal) =>
    calls.call(async (ending) => {
      const { status, text } = await sendHttp(request, ending);
      if (status !== 200) throw new RetriableError(`the channel answered ${status}`);
      return JSON.parse(text);
    }, signal);
  const stream = {
    name: 'products',
    entity: 'sku',
    mapping: { entity: 'sku', fields: { code: 'code', title: 'title', weightGrams: 'grams' } },
    mappingOrigin: 'bench/sync',
  };
  return {
    check: async () => ({ ok: true, message: 'it answers' }),
    discover: async () => [stream],
    async *read(_stream, cursor, signal) {
      for (let after = cursor ?? 0; ; after += 100) {
        const page = await ask({ url: `${url}/products?after=${after}` }, signal);
        if (page.length === 0) return;
        const records = page.map((data) => ({ id: data.code, origin: `${channel} ${data.code}`, data }));
        yield { records, rejects: [], cursor: after + page.length };
      }
    },
    stock: {
      channel,
      maxSkus: 50,
      async publishStock(stock, signal) {
        const told = stock.map(({ sku, free, takenIn }) => ({ sku, quantity: free + takenIn }));
        const answers = await ask(
          { method: 'POST', url: `${url}/stock`, body: JSON.stringify(told) },
          signal,
        );
        return answers.map(({ sku, sellable }) => ({ sku, outcome: 'WRITTEN', sellable }));
      },
    },
  };
}
