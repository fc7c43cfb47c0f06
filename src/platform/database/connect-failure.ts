import { ConfigError } from '../process/config.ts';

type ConnectError = Error & { code?: string; syscall?: string };

/**
 * Says in one sentence why the database of an address cannot be used, where a person can mend it.
 * @returns undefined for what is no failure to connect
 */
export function connectFailure(error: unknown, databaseUrl: string): ConfigError | undefined {
  const reason = reasonOf(error as ConnectError, new URL(databaseUrl));
  return reason === undefined ? undefined : new ConfigError(`DATABASE_URL: ${reason}`, { cause: error });
}

function reasonOf({ code, message }: ConnectError, address: URL): string | undefined {
  const place = `${address.hostname}:${address.port || 5432}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${place}; start PostgreSQL there, or name another host or port`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `no address is known of the host ${address.hostname}`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${place} cannot be reached`;
    case '28P01':
      return `PostgreSQL at ${place} refuses the password of the user ${decodeURIComponent(address.username)}`;
    case '28000':
    case '3D000':
    case '42501':
    case '53300':
    case '57P03':
      return `PostgreSQL at ${place} says: ${message}`;
    default:
  }
  if (/timeout/i.test(message)) return `${place} does not answer as PostgreSQL does`;
  if (/does not support SSL/.test(message)) return `PostgreSQL at ${place} speaks no TLS; leave out sslmode`;
  if (code === 'ECONNRESET' || /terminated unexpectedly|unexpected message|SASL|certificate/i.test(message))
    return `PostgreSQL at ${place} could not be spoken to: ${message}`;
  return undefined;
}
