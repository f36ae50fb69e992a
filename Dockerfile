# One image for every service and for the `assent` command: the argument is the program.
#
#   docker build -t assent .
#   docker run --rm assent services/order/main.ts
#   docker run --rm assent platform/main.ts load --help
#
# Two architectures, with a list of what is in it, and the same bytes for the same input as far as the bases are the same:
#
#   SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) docker buildx build --platform linux/amd64,linux/arm64 \
#     --sbom=true --provenance=true --output type=image,name=REGISTRY/assent:TAG,push=true,rewrite-timestamp=true .

# The package manifests alone: what the next stage does is done again only when they change.
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name 'pnpm-*.yaml' -delete && find . -type d -empty -delete

# The dependencies that run: no tools, no embedded PostgreSQL (it is an optional dependency), no types, no source maps.
FROM node:24-bookworm-slim AS dependencies
RUN npm install --global pnpm@10
WORKDIR /app
COPY --from=manifests /app .
# pnpm's own notes go too: they have the time in them.
RUN --mount=type=cache,target=/store \
    CI=true pnpm install --prod --no-optional --frozen-lockfile --ignore-scripts --store-dir /store --package-import-method copy \
 && find . -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete \
 && find . \( -name .modules.yaml -o -name '.pnpm-workspace-state*' \) -delete

# Node, an init, and the libraries that they load; no shell, no package manager. Node as PID 1 would ignore a SIGTERM that
# comes before it has a handler for it, and could not be paused; tini passes signals on.
FROM node:24-bookworm-slim AS root
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends tini ca-certificates
RUN mkdir -p /root.fs/etc /root.fs/usr/bin /root.fs/usr/local/bin /root.fs/app \
 && cp -p /usr/local/bin/node /root.fs/usr/local/bin/ \
 && cp -p /usr/bin/tini /root.fs/usr/bin/ \
 && ldd /usr/local/bin/node /usr/bin/tini | grep -o '/[^ :]*\.so[^ ]*' | sort -u | xargs -I{} cp -L --parents {} /root.fs \
 && cp -L --parents /etc/ssl/certs/ca-certificates.crt /root.fs \
 && echo 'hosts: files dns' > /root.fs/etc/nsswitch.conf \
 && echo 'assent:x:65532:65532::/app:/none' > /root.fs/etc/passwd \
 && echo 'assent:x:65532:' > /root.fs/etc/group

FROM scratch
LABEL org.opencontainers.image.title="assent" \
      org.opencontainers.image.description="gRPC services whose distributed transactions never end half done" \
      org.opencontainers.image.licenses="Apache-2.0"
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.version="$VERSION" org.opencontainers.image.revision="$REVISION"
COPY --from=root /root.fs /
COPY --from=dependencies /app /app
COPY . /app
ENV NODE_ENV=production PATH=/usr/local/bin:/usr/bin
WORKDIR /app
USER 65532:65532
# 50051 gRPC, 8080 REST, 8081 health, 9090 metrics, as the chart sets them.
EXPOSE 50051 8080 8081 9090
ENTRYPOINT ["/usr/bin/tini", "--", "node"]
CMD ["platform/main.ts", "--help"]
