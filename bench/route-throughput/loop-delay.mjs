/** Loaded into the hub's process (`--import`): how late its event loop is, since it was last asked. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.send) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('message', () => {
    const ms = (nanoseconds) => nanoseconds / 1e6;
    process.send({
      p50: ms(delay.percentile(50)),
      p99: ms(delay.percentile(99)),
      max: ms(delay.max),
      memoryMb: process.memoryUsage.rss() / 1e6,
    });
    delay.reset();
  });
  process.channel.unref();
}
