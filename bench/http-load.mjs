import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const TICKS_A_SECOND = 100;

/**
 * One keep-alive connection, one request at a time, until `until` (performance.now()); as little as can be, so that the
 * server is what is short of CPU. Latencies in milliseconds are pushed to `latencies`.
 * @param nextRequest the whole request, as it is written to the socket
 * @param isRight whether a whole response is what was wanted
 */
export function keepAsking({ port, host, nextRequest, isRight, until, latencies }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host, noDelay: true });
    let [received, began] = ['', 0];
    const send = () => {
      const request = nextRequest();
      received = '';
      began = performance.now();
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(received)[1]);
      if (received.length < end + 4 + length) return;
      if (!received.startsWith('HTTP/1.1 200') || !isRight(received)) return reject(new Error(received));
      latencies.push(performance.now() - began);
      if (performance.now() < until) return send();
      socket.end(resolve);
    });
    socket.on('error', reject);
  });
}

/** User and system time of all threads of a process, by /proc. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** What HUB_NODE_ARGUMENTS gives to the hubs that are measured, e.g. `--cpu-prof --cpu-prof-dir=…`. */
export const hubNodeArguments = (process.env.HUB_NODE_ARGUMENTS ?? '').split(' ').filter(Boolean);
