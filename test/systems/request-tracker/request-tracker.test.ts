import { jest } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startPushReceiver } from '../../support/connectors/push-receiver.ts';
import { trackerCases } from '../../connectors/request-tracker/cases.ts';
import { describeReal, startSystem } from '../real-system.ts';

// Each of its answers takes a part of a second, and it answers one at a time.
jest.setTimeout(180_000);
const SECRET = 'real-hook-secret-0123456789';

describeReal('request-tracker', () => {
  trackerCases(async () => {
    const receiver = await startPushReceiver();
    const system = await startSystem('request-tracker', [receiver.url, SECRET]);
    return {
      url: system.url,
      token: (await readFile(path.join(system.folder, 'token'), 'utf8')).trim(),
      webhookSecret: SECRET,
      timeoutSeconds: 6,
      receiver,
      async stop() {
        await system.stop();
        receiver.stop();
      },
    };
  });
});
