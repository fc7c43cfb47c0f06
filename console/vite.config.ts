import { defineConfig } from 'vite';

const page = (name: string) => decodeURIComponent(new URL(`${name}.html`, import.meta.url).pathname);

export default defineConfig({
  // Relative, so that the hub may also be published below a path of another server.
  base: './',
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    sourcemap: false,
    target: 'es2023',
    // Monaco and antd are each one library: splitting them further only adds requests.
    chunkSizeWarningLimit: 4_500,
    rolldownOptions: {
      input: { index: page('index'), graphiql: page('graphiql') },
      // 'use client' in libraries means nothing in a bundle for browsers alone.
      onLog: (level, log, handle) => log.code === 'MODULE_LEVEL_DIRECTIVE' || handle(level, log),
    },
  },
  worker: { format: 'es' },
  // For work on the pages alone: `npm start` beside it, and the pages talk to that hub.
  server: { proxy: { '/graphql': { target: 'http://localhost:4000', ws: true } } },
});
