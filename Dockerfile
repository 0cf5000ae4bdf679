# Two images from one build:
#   docker build --target konote .   the product: one static binary, no shell, not root
#   docker build --target demo .     the same with Postgres and Redis inside, for compose.yaml

FROM node:22-bookworm-slim AS packages
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund --ignore-scripts --omit=dev --omit=optional

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=packages /src/node_modules ./node_modules
RUN go run ./app/view/build && \
    CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /konote ./app

FROM debian:bookworm-slim AS demo
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends postgresql redis-server ca-certificates && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --create-home konote && \
    install -d -o konote -g konote /home/konote/.konote
COPY --from=build /konote /usr/local/bin/konote
USER konote
WORKDIR /home/konote
ENV KONOTE_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["konote"]
CMD ["demo"]

FROM gcr.io/distroless/static-debian12:nonroot AS konote
COPY --from=build /konote /konote
ENV KONOTE_LISTEN=0.0.0.0:8080 KONOTE_INTERNAL=0.0.0.0:9090
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["/konote", "health"]
ENTRYPOINT ["/konote"]
CMD ["serve"]
