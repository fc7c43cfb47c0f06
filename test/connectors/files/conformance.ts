import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { filesConnector } from '../../../connectors/files/index.ts';
import type { ConformanceKit, SourceBed } from '../../../connectors/spi/conformance/index.ts';

/** For the suite that every connector must pass: a folder with one file of tickets. Files ask no outside system. */
const kit: ConformanceKit = {
  connector: filesConnector,
  async start(): Promise<SourceBed> {
    const folder = mkdtempSync(path.join(tmpdir(), 'orderweave-files-'));
    const tickets = new Map<string, number>();
    return {
      config: { folder, settleMs: 0 },
      secrets: [],
      async put(given) {
        const ids =
          typeof given === 'number'
            ? Array.from({ length: given }, (_, index) => String(tickets.size + index + 1))
            : [...given];
        for (const id of ids) tickets.set(id, (tickets.get(id) ?? 0) + 1);
        writeFileSync(path.join(folder, 'tickets.jsonl'), [...tickets].map(ticketLine).join(''));
        return { stream: 'tickets', ids };
      },
      async stop() {
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};
export default kit;

function ticketLine([id, version]: [string, number]): string {
  const ticket = { ticket_id: id, title: `Version ${version}`, status: 'open', created: 1_796_000_000 };
  return `${JSON.stringify({ ...ticket, source: 'jd', order_no: `O-${id}`, customer: { name: '王芳' } })}\n`;
}
