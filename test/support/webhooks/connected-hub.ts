import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import type { RunningHub } from '../hub.ts';

/** The hub that has a TCP connection (IPv4) with this port at its own end, or at the other (Linux). */
export function hubConnected(
  hubs: readonly RunningHub[],
  port: { own: number } | { other: number },
): RunningHub {
  const [column, number] = 'own' in port ? [1, port.own] : [2, port.other];
  const hex = number.toString(16).toUpperCase().padStart(4, '0');
  const connections = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((parts) => parts[column]?.endsWith(`:${hex}`));
  const sockets = new Set(connections.map((parts) => `socket:[${parts[9]}]`));
  return hubs.find(({ process: { pid } }) => filesOf(pid!).some((file) => sockets.has(file)))!;
}

function filesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
}
