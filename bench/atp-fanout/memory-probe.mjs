/** Preloaded into each server, with --expose-gc: says over IPC what it holds after collecting garbage. */
process.on('message', (message) => {
  if (message !== 'memory') return;
  for (let times = 0; times < 3; times++) globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send({ memory: { held: heapUsed + external, rss } });
});
process.channel.unref();
