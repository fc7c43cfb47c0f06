import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { kuaidi100Connector } from '../../../connectors/kuaidi100/connector.ts';
import { querySign } from '../../../connectors/kuaidi100/sign.ts';
import { FatalError, RetriableError, type Tracking } from '../../../connectors/spi/index.ts';
import { never } from '../../support/connectors/read-stream.ts';
import { startKuaidi100, type Kuaidi100Bed, type Kuaidi100Step } from './contract-server.ts';

const MINUTE = 60_000;
let bed: Kuaidi100Bed;
let tracking: Tracking;
beforeEach(async () => {
  bed = await startKuaidi100();
  tracking = kuaidi100Connector.open(bed.config).tracking!;
});
afterEach(async () => {
  jest.restoreAllMocks();
  await bed.stop();
});

const parcel = { carrier: 'YTO-STD', trackingNumber: 'YT1234567890' };
function given(steps: Kuaidi100Step[], { state = '0', phone }: { state?: string; phone?: string } = {}) {
  bed.tracks.set(parcel.trackingNumber, { com: 'yuantong', steps, state, ...(phone && { phone }) });
}
const step = (statusCode: string | undefined, minute = 0): Kuaidi100Step => ({
  ftime: `2026-11-26 08:${String(minute).padStart(2, '0')}:00`,
  context: `step ${statusCode}`,
  ...(statusCode !== undefined && { statusCode }),
});
const later = (ms: number) => {
  const at = Date.now() + ms;
  jest.spyOn(Date, 'now').mockReturnValue(at);
};

describe('Kuaidi100', () => {
  it('signs by MD5 of param, key and customer, in upper case', () => {
    // printf '{"com":"ems"}keycustomer' | md5sum
    expect(querySign('{"com":"ems"}', 'key', 'customer')).toBe('C24B998461CFC998D92C8EB63C57B923');
  });

  it('gives the steps of a parcel as events, in UTC and with their place', async () => {
    given([{ ...step('103'), areaName: '浙江,杭州市' }, step('3', 30)]);
    expect(await tracking.track([parcel], never)).toEqual([
      {
        trackingNumber: parcel.trackingNumber,
        status: 'IN_TRANSIT',
        at: '2026-11-26T00:00:00.000Z',
        text: 'step 103',
        place: '浙江,杭州市',
      },
      expect.objectContaining({ status: 'DELIVERED', at: '2026-11-26T00:30:00.000Z' }),
    ]);
  });

  it.each([
    ['102', 'INFO_RECEIVED'],
    ['1', 'IN_TRANSIT'],
    ['501', 'OUT_FOR_DELIVERY'],
    ['304', 'DELIVERED'],
    ['205', 'EXCEPTION'],
    ['6', 'RETURNED'],
    ['99999', 'IN_TRANSIT'],
  ])('knows state %s as %s', async (code, status) => {
    given([step(code)]);
    expect(await tracking.track([parcel], never)).toMatchObject([{ status, text: `step ${code}` }]);
  });

  it('takes the state of the parcel for its last step, where steps have none', async () => {
    given([step(undefined), step(undefined, 5)], { state: '3' });
    const events = await tracking.track([parcel], never);
    expect(events.map(({ status }) => status)).toEqual(['IN_TRANSIT', 'DELIVERED']);
  });

  it('leaves a step out whose time cannot be read, and keeps the others', async () => {
    given([{ ftime: 'yesterday', context: '?' }, step('0')]);
    expect(await tracking.track([parcel], never)).toHaveLength(1);
  });

  it('asks for parcels of its carriers only', async () => {
    const foreign = { carrier: 'DHL', trackingNumber: '1234567890' };
    expect(await tracking.track([foreign], never)).toEqual([]);
    expect(await tracking.track([{ ...parcel, trackingNumber: '123' }], never)).toEqual([]);
    expect(bed.calls).toHaveLength(0);
  });

  it('gives the end of the phone to carriers that want it; without it nothing is known', async () => {
    given([step('0')], { phone: '8000' });
    expect(await tracking.track([parcel], never)).toEqual([]);
    expect(await tracking.track([{ ...parcel, phoneTail: '8000' }], never)).toHaveLength(1);
  });

  it('asks for a parcel once an hour, since whoever asks too often is locked out', async () => {
    given([step('103')]);
    await tracking.track([parcel], never);
    given([step('103'), step('3', 1)]);
    later(59 * MINUTE);
    expect(await tracking.track([parcel], never)).toHaveLength(1);
    expect(bed.calls).toHaveLength(1);
    later(2 * MINUTE);
    expect(await tracking.track([parcel], never)).toHaveLength(2);
  });

  it('tells trouble that passes from trouble that stays, both inside HTTP 200', async () => {
    bed.fail('THROTTLED');
    await expect(tracking.track([parcel], never)).rejects.toThrow(RetriableError);
    bed.heal();
    const wrong = kuaidi100Connector.open({ ...bed.config, key: 'geheim-0123456789' });
    const error = await wrong.tracking!.track([parcel], never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    expect(String(error)).toContain('503');
    expect(String(error)).not.toContain('geheim');
  });
});
