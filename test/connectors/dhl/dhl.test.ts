import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dhlConnector } from '../../../connectors/dhl/connector.ts';
import { FatalError, RetriableError, type Tracking } from '../../../connectors/spi/index.ts';
import { never } from '../../support/connectors/read-stream.ts';
import { startDhl, type DhlBed } from './contract-server.ts';

let bed: DhlBed;
let tracking: Tracking;
beforeEach(async () => {
  bed = await startDhl();
  tracking = dhlConnector.open(bed.config).tracking!;
});
afterEach(() => bed.stop());

const parcel = { carrier: 'DHL-EXPRESS', trackingNumber: '00340434292135100124' };
const event = (statusCode: string, timestamp = '2026-11-26T08:00:00Z') => ({
  timestamp,
  statusCode,
  description: `it is ${statusCode}`,
});
const given = (...events: ReturnType<typeof event>[]) =>
  bed.shipments.set(parcel.trackingNumber, [{ id: parcel.trackingNumber, service: 'parcel-de', events }]);

describe('DHL', () => {
  it('gives the events of a shipment, oldest first, in UTC', async () => {
    expect(await tracking.track([bed.parcels.known], never)).toEqual([
      {
        trackingNumber: '7777777770',
        status: 'INFO_RECEIVED',
        at: '2026-11-25T08:30:00.000Z',
        text: 'Label made',
      },
      {
        trackingNumber: '7777777770',
        status: 'IN_TRANSIT',
        at: '2026-11-25T14:05:00.000Z',
        text: 'Arrived',
        place: 'LEIPZIG',
      },
    ]);
  });

  it.each([
    ['delivered', 'DELIVERED'],
    ['failure', 'EXCEPTION'],
    ['unknown', 'IN_TRANSIT'],
    ['on-the-moon', 'IN_TRANSIT'],
  ])('knows %s as %s', async (code, status) => {
    given(event(code));
    expect(await tracking.track([parcel], never)).toMatchObject([{ status, text: `it is ${code}` }]);
  });

  it('takes a time without an offset as UTC, and leaves out what has none', async () => {
    given(event('delivered', '2026-11-26T10:00:00'), event('transit', 'soon'), event('transit'));
    const events = await tracking.track([parcel], never);
    expect(events.map(({ at }) => at)).toEqual(['2026-11-26T08:00:00.000Z', '2026-11-26T10:00:00.000Z']);
  });

  it('tells the shipment that was asked for from one of another part of DHL with the same number', async () => {
    bed.shipments.set(parcel.trackingNumber, [
      { id: 'ABC123', service: 'freight', events: [event('failure')] },
      { id: parcel.trackingNumber, service: 'parcel-de', events: [event('delivered')] },
    ]);
    expect(await tracking.track([parcel], never)).toMatchObject([{ status: 'DELIVERED' }]);
    const freight = dhlConnector.open({ ...bed.config, service: 'freight' }).tracking!;
    expect(await freight.track([parcel], never)).toMatchObject([{ status: 'EXCEPTION' }]);
  });

  it('asks for parcels of its carriers only', async () => {
    expect(await tracking.track([{ ...parcel, carrier: 'SF-STD' }], never)).toEqual([]);
    expect(bed.calls).toHaveLength(0);
  });

  it('tells trouble that passes from trouble that stays', async () => {
    bed.fail('THROTTLED');
    await expect(tracking.track([parcel], never)).rejects.toThrow(RetriableError);
    bed.heal();
    const wrong = dhlConnector.open({ ...bed.config, apiKey: 'geheim-0123456789' });
    const error = await wrong.tracking!.track([parcel], never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    expect(String(error)).not.toContain('geheim');
  });
});
