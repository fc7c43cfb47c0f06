import { ConfigError } from './config.ts';

/** Says in one sentence why the hub did not start, where a person can mend it; else with the stack. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return (
    describeListenFailure(error as ListenError, { host: 'HOST', port: 'PORT' }) ??
    describeFolderFailure(error as NodeJS.ErrnoException) ??
    `The hub did not start: ${(error as Error).stack}`
  );
}

type ListenError = NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string };

/**
 * Says why an address cannot be listened on.
 * @param variables those that the address came from
 * @returns undefined for another failure
 */
export function describeListenFailure(
  { syscall, code, address, port, hostname }: ListenError,
  variables: { host: string; port: string },
): string | undefined {
  if (syscall === 'getaddrinfo' && hostname)
    return `${variables.host} ${hostname} is no address of this machine.`;
  if (syscall !== 'listen') return undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `${variables.port} ${port} of ${address} is in use by another process; set ${variables.port} to a free one, or 0 for any.`;
    case 'EACCES':
      return `${variables.port} ${port} of ${address} may not be used by this account; below 1024 it often needs special rights.`;
    case 'EADDRNOTAVAIL':
      return `${variables.host} ${address} is no address of this machine.`;
    default:
      return undefined;
  }
}

function describeFolderFailure({ code, path }: NodeJS.ErrnoException): string | undefined {
  if (path === undefined) return undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path} may not be written by this account; give it the right, or set HUB_DATA_DIR to another folder.`;
    case 'ENOSPC':
      return `There is no space left for ${path}.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${path} is no folder; set HUB_DATA_DIR to one.`;
    default:
      return undefined;
  }
}
