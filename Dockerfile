# syntax=docker/dockerfile:1
# Two stages: one builds with everything, one runs with what is needed. Not run by the authors yet: docs/runbook.md.

FROM node:24-bookworm-slim AS build
WORKDIR /app
# The packages first: they change less often than the sources, so this layer is kept. `prepare` would build.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
# The schema and the types made from it are committed; what is left to build is the server and the pages.
RUN npm run build:server && npm run build:console && npm prune --omit=dev --ignore-scripts \
  # The base image is Node 24 already; the package that brings it elsewhere would only add weight.
  && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 HUB_DATA_DIR=/data
WORKDIR /app
# What the hub reads while it runs: code and pages, the shipped mappings, the documentation.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/connectors/files/mappings ./connectors/files/mappings
COPY --from=build /app/docs ./docs
# Volumes take over this ownership when they are first used.
RUN mkdir -p /data/import && chown -R node:node /data && chmod 700 /data
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# node itself, in the exec form: neither npm nor a shell stands between the signal and the hub.
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
