# syntax=docker/dockerfile:1
#
#   docker build --build-arg VERSION=$(git describe --tags --always) -t osusume .
#   docker run --read-only -v osusume-data:/data -p 127.0.0.1:8080:8080 \
#     -e OSUSUME_INSECURE=true osusume
#
# The same sources and VERSION give the same binary, byte for byte: no paths,
# no build id, no repository state enter it.

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH
ARG VERSION=devel
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH GOFLAGS=-mod=readonly \
    go build -trimpath -buildvcs=false -ldflags="-s -w -buildid= -X main.version=$VERSION" -o /out/osusume .
# An empty folder owned by the user that runs, for the volume to start as.
RUN install -d -m 0700 /out/data

FROM scratch
COPY --from=build /src/LICENSE /LICENSE
COPY --from=build /out/osusume /osusume
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
# In a container the port must be open to the bridge. Whoever publishes it
# decides who may reach it, so serving without keys is asked for at run time:
# OSUSUME_INSECURE=true.
ENV OSUSUME_ADDR=0.0.0.0:8080 \
    OSUSUME_DATA=/data \
    OSUSUME_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/osusume", "healthcheck"]
ENTRYPOINT ["/osusume"]
CMD ["serve"]
