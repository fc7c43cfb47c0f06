import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RetriableError } from '../../spi/errors.ts';
import type { FilePage, FileScan, ReaderReply, ReaderRequest, ReadRequest } from './protocol.ts';

/** The compiled program beside the compiled caller; from sources, Node strips the types. */
const PROGRAM = fileURLToPath(
  new URL(`./reader-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/**
 * The most memory of JavaScript objects in the reader process, in MB. With the program itself and what lies outside of
 * this (shared strings, buffers) it stays below 200 MB.
 */
const HEAP_MB = 80;

/** How long the reader process may go without any progress, in milliseconds: a drive may be slow, a hang is a failure. */
const STALL_MS = 60_000;

/** The reader process ended, or failed, while it was busy with a file. */
export class ReaderEnded extends Error {
  override readonly name = 'ReaderEnded';
}

/** A file that cannot be reached now: locked by another program, or on a drive that went away. */
export class FileUnreachable extends Error {
  override readonly name = 'FileUnreachable';
}

interface Pending {
  resolve(reply: ReaderReply): void;
  reject(error: Error): void;
}

/**
 * A process of its own that reads files: whatever a file does to it, in time, memory or by a defect, the hub goes on.
 * Pages are asked for one at a time. It ends when its channel to the hub closes, so also when the hub is killed.
 */
export class FileReader {
  readonly #child: ChildProcess;
  readonly #stallMs: number;
  #pending: Pending | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #ready = false;
  #ended: string | undefined;
  /** In the middle of a file. */
  #reading = false;

  constructor(stallMs = STALL_MS) {
    this.#stallMs = stallMs;
    this.#child = fork(PROGRAM, [], {
      execArgv: [
        `--max-old-space-size=${HEAP_MB}`,
        '--max-semi-space-size=4',
        '--disable-warning=ExperimentalWarning',
      ],
      // Nothing of the hub's environment: it holds secrets.
      env: { PATH: process.env.PATH, TZ: process.env.TZ, SystemRoot: process.env.SystemRoot },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (reply: ReaderReply) => this.#hear(reply));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`));
    this.#rest();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it can read another file. */
  get idle(): boolean {
    return this.#ended === undefined && !this.#pending && !this.#reading;
  }

  /** @throws ReaderEnded, FileUnreachable, or the signal's reason */
  async scan(file: string, signal: AbortSignal): Promise<FileScan> {
    const reply = await this.#ask({ kind: 'scan', file }, signal);
    if (reply.kind !== 'scanned') throw unexpected(reply);
    return { digest: reply.digest, encoding: reply.encoding };
  }

  /** The content of a file. @throws ReaderEnded, FileUnreachable, or the signal's reason */
  async *read(request: ReadRequest, signal: AbortSignal): AsyncGenerator<FilePage> {
    this.#reading = true;
    let reply = await this.#ask({ kind: 'read', ...request }, signal);
    while (reply.kind === 'page') {
      yield { records: reply.records, rejects: reply.rejects };
      reply = await this.#ask({ kind: 'next' }, signal);
    }
    if (reply.kind !== 'end') throw unexpected(reply);
    this.#reading = false;
  }

  /** Ends the process, whatever it does. */
  kill(): void {
    this.#endNow('ended by the hub');
  }

  async #ask(request: ReaderRequest, signal: AbortSignal): Promise<ReaderReply> {
    signal.throwIfAborted();
    if (this.#ended !== undefined) throw this.#endedError(this.#ended);
    const { promise, resolve, reject } = Promise.withResolvers<ReaderReply>();
    this.#pending = { resolve, reject };
    const abort = () => {
      reject(signal.reason as Error);
      this.kill();
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#work();
    this.#child.send(request, (error) => error && this.#end(error.message));
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#pending = undefined;
      this.#rest();
    }
  }

  #hear(reply: ReaderReply): void {
    if (reply.kind === 'ready') this.#ready = true;
    if (reply.kind === 'ready' || reply.kind === 'progress') {
      this.#deadline?.refresh();
    } else if (reply.kind === 'failed' && reply.failure.kind === 'system') {
      this.#reading = false;
      this.#pending?.reject(new FileUnreachable(reply.failure.message));
    } else if (reply.kind === 'failed') {
      this.#endNow(reply.failure.message); // what state a defect has left it in, nobody knows
    } else {
      this.#pending?.resolve(reply);
    }
  }

  /** While it works, the hub waits for it, and not for longer than it makes progress. */
  #work(): void {
    this.#child.ref();
    this.#child.channel?.ref();
    this.#deadline = setTimeout(
      () => this.#endNow(`no progress for ${this.#stallMs / 1000} s`),
      this.#stallMs,
    );
  }

  /** While it rests, it keeps no process from ending. */
  #rest(): void {
    clearTimeout(this.#deadline);
    this.#child.unref();
    this.#child.channel?.unref();
  }

  #endNow(how: string): void {
    this.#end(how);
    this.#child.kill('SIGKILL');
  }

  #end(how: string): void {
    this.#ended ??= how;
    this.#pending?.reject(this.#endedError(this.#ended));
  }

  /** One that never began to work says nothing about the file. */
  #endedError(how: string): Error {
    return this.#ready
      ? new ReaderEnded(how)
      : new RetriableError(`the process that reads files did not start: ${how}`);
  }
}

function unexpected(reply: ReaderReply): Error {
  return new ReaderEnded(`it answered with ${reply.kind}`);
}
