# The worker. Definitions and data come from volumes; see docker-compose.yml.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
# Text models of ONNX (StringNormalizer) need this locale.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends locales \
  && sed -i 's/^# en_US.UTF-8/en_US.UTF-8/' /etc/locale.gen \
  && locale-gen \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/pipelines ./pipelines
RUN mkdir -p /app/output /app/data && chown -R node:node /app/output /app/data
USER node
ENTRYPOINT ["node", "/app/dist/bin/daybreak.js"]
CMD ["worker"]
