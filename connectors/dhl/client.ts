import { FatalError, PacedCalls, parseExactJson, sendHttp } from '../spi/index.ts';
import type { DhlConfig } from './config.ts';

export interface DhlEvent {
  /** ISO 8601, with or without an offset. */
  timestamp?: string;
  location?: { address?: { addressLocality?: string } };
  statusCode?: string;
  status?: string;
  description?: string;
}

export interface DhlShipment {
  id: string | number;
  events?: DhlEvent[];
}

/**
 * The call of DHL's "Shipment Tracking - Unified" (developer.dhl.com/api-reference/shipment-tracking). 401 is a wrong key and
 * 429 too many calls, in a while or in a day: `sendHttp` sorts them.
 */
export class DhlClient {
  private readonly calls: PacedCalls;

  constructor(private readonly config: DhlConfig) {
    this.calls = new PacedCalls({
      concurrency: 1,
      rate: { calls: 1, perMs: config.callEverySeconds * 1_000 },
      timeoutMs: 20_000,
      retryAfterMs: config.callEverySeconds * 1_000,
    });
  }

  /** Undefined where DHL does not know the number. @throws RetriableError, FatalError */
  shipment(trackingNumber: string, signal: AbortSignal): Promise<DhlShipment | undefined> {
    const { url: base, apiKey, service, language } = this.config;
    const url = new URL('/track/shipments', base);
    url.search = new URLSearchParams({ trackingNumber, language, ...(service && { service }) }).toString();
    const headers = { 'dhl-api-key': apiKey, accept: 'application/json' };
    return this.calls.call(async (ending) => {
      const { status, text } = await sendHttp({ url, headers }, ending);
      if (status === 404) return undefined;
      if (status !== 200) throw new FatalError(`${url.pathname} answered ${status}.`);
      const { shipments } = parseExactJson(url.pathname, text) as { shipments: DhlShipment[] };
      return ofNumber(shipments, trackingNumber);
    }, signal);
  }
}

/** The same number may be one of several parts of DHL; a piece is found under the id of its shipment. */
function ofNumber(shipments: readonly DhlShipment[], trackingNumber: string): DhlShipment | undefined {
  const named = shipments.find(({ id }) => String(id) === trackingNumber);
  return named ?? (shipments.length === 1 ? shipments[0] : undefined);
}
