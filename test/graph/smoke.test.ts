import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHub, type RunningHub } from '../support/hub.ts';
import { httpClient } from '../support/client.ts';
let hub: RunningHub;
beforeAll(async () => { hub = await startHub(); });
afterAll(() => hub?.stop());
test('serves', async () => {
  expect(await httpClient(hub).request('{ channels { code } }')).toEqual({ channels: [] });
});
