# One image for every process of Gleaner; docker-compose.yml says which process a container runs.
# Not built on the machines it was written on (no Docker engine there): `npm run check` validates paths, commands and settings.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.base.json ./
COPY apps ./apps
COPY libs ./libs
RUN npm install --no-audit --no-fund --ignore-scripts \
 && node_modules/.bin/tsc -b \
 && node apps/workers/dist/bundle.js \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim AS run
# Chromium and fonts for the pages that need a browser; Debian's keeps its sandbox for users other than root.
RUN apt-get update \
 && apt-get install -y --no-install-recommends chromium fonts-dejavu fonts-noto-cjk fonts-noto-color-emoji ca-certificates \
 && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production CHROMIUM_PATH=/usr/bin/chromium GLEANER_DATA=/data
WORKDIR /app
COPY --from=build --chown=node:node /app ./
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
CMD ["node", "apps/api/dist/main.js"]
