import { ConfigError } from './config.ts';

/** Says in one sentence why the hub did not start, where a person can mend it; else with the stack. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return describeListenFailure(error as ListenError) ?? `The hub did not start: ${(error as Error).stack}`;
}

type ListenError = NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string };

function describeListenFailure({ syscall, code, address, port, hostname }: ListenError): string | undefined {
  if (syscall === 'getaddrinfo' && hostname) return `HOST ${hostname} is no address of this machine.`;
  if (syscall !== 'listen') return undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `PORT ${port} of ${address} is in use by another process; set PORT to a free one, or 0 for any.`;
    case 'EACCES':
      return `PORT ${port} of ${address} may not be used by this account; below 1024 it often needs special rights.`;
    case 'EADDRNOTAVAIL':
      return `HOST ${address} is no address of this machine.`;
    default:
      return undefined;
  }
}
