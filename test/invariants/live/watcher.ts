import WebSocket from 'ws';
import type { RunningHub } from '../../support/hub.ts';

const WATCH = `subscription ($skus: [ID!]!, $resume: [AtpVersionInput!]) {
  atp(skus: $skus, resume: $resume) {
    kind previousVersion coalesced atp { quantity version sku { code } terms { quantity } }
  }
}`;

export interface Told {
  kind: 'SNAPSHOT' | 'CHANGE';
  previousVersion: string | null;
  coalesced: number;
  atp: { quantity: number; version: string; sku: { code: string }; terms: { quantity: number }[] };
}

/** What one client is shown of a SKU. */
export interface Shown {
  version: string;
  quantity: number;
}

/**
 * A client of the live feed that does what docs/atp-subscription.md asks: it keeps what it was told last, and comes
 * back with it. Whatever it is told that the protocol does not allow, it complains of.
 */
export class LiveWatcher {
  readonly shown = new Map<string, Shown>();
  readonly complaints: string[] = [];
  private socket: WebSocket | undefined;
  private wanted = false;

  constructor(
    readonly skus: readonly string[],
    /** A hub that is up, or will be. */
    private readonly hubOf: () => Pick<RunningHub, 'url' | 'adminKey'>,
    private readonly onTold: (told: Told) => void,
  ) {}

  connect(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.open();
  }

  /** Without a word. */
  disconnect(): void {
    this.wanted = false;
    this.socket?.terminate();
    this.socket = undefined;
  }

  /** Reads nothing any more: what it is sent stays in the buffers of the network. */
  pause(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.pause();
  }

  unpause(): void {
    this.socket?.resume();
  }

  private open(): void {
    const { url, adminKey } = this.hubOf();
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const resume = new Map([...this.shown].map(([sku, { version }]) => [sku, version]));
    const session = new Map<string, string>();
    this.socket = socket;
    const send = (message: object) => socket.send(JSON.stringify(message));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('open', () =>
      send({ type: 'connection_init', payload: { authorization: `Bearer ${adminKey}` } }),
    );
    socket.on('message', (data) => {
      if (this.socket !== socket) return;
      const { type, payload } = JSON.parse(String(data)) as { type: string; payload?: unknown };
      if (type === 'connection_ack')
        send({ id: '1', type: 'subscribe', payload: { query: WATCH, variables: this.variables(resume) } });
      else if (type === 'next') this.take((payload as { data: { atp: Told } }).data.atp, session, resume);
      else if (type === 'error') this.complaints.push(`refused: ${JSON.stringify(payload)}`);
    });
    socket.on('close', () => {
      if (this.wanted && this.socket === socket) setTimeout(() => this.wanted && this.open(), 20);
    });
  }

  private variables(resume: ReadonlyMap<string, string>) {
    return { skus: this.skus, resume: [...resume].map(([sku, version]) => ({ sku, version })) };
  }

  private take(told: Told, session: Map<string, string>, resume: ReadonlyMap<string, string>): void {
    const { kind, previousVersion, atp } = told;
    const sku = atp.sku.code;
    const before = session.get(sku) ?? resume.get(sku) ?? null;
    const expect = (holds: boolean, what: string) => {
      if (!holds) this.complaints.push(`${what}: ${JSON.stringify(told)}, had ${before}`);
    };
    // Who comes back and has missed nothing is in step with those who stayed: its next message may be either.
    const kindFits = kind === 'CHANGE' ? before !== null : !session.has(sku);
    expect(kindFits, 'kind');
    expect(previousVersion === before, 'previousVersion');
    expect(before === null || atp.version > before, 'order of versions');
    expect(atp.terms.reduce((sum, { quantity }) => sum + quantity, 0) === atp.quantity, 'sum of terms');
    session.set(sku, atp.version);
    this.shown.set(sku, { version: atp.version, quantity: atp.quantity });
    this.onTold(told);
  }
}
