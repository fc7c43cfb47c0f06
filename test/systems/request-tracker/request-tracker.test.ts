import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startPushReceiver } from '../../connectors/push-receiver.ts';
import { trackerCases } from '../../connectors/request-tracker/cases.ts';
import { describeReal, startSystem } from '../real-system.ts';

const SECRET = 'real-hook-secret-0123456789';

describeReal('request-tracker', () => {
  trackerCases(async () => {
    const receiver = await startPushReceiver();
    const system = await startSystem('request-tracker', [receiver.url, SECRET]);
    return {
      url: system.url,
      token: (await readFile(path.join(system.folder, 'token'), 'utf8')).trim(),
      webhookSecret: SECRET,
      timeoutSeconds: 10,
      receiver,
      async stop() {
        await system.stop();
        receiver.stop();
      },
    };
  });
});
