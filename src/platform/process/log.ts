import { pino, type Logger } from 'pino';

export type { Logger };

/** Structured logs on stderr, so that stdout stays for what a person is told once (the address, the generated key). */
export function createLogger(level: string): Logger {
  return pino({ level, base: undefined }, pino.destination({ dest: 2, sync: true }));
}
