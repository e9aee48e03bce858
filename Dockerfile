# docker build -t reconcile .          everything is built in containers; `make image` does it, and tries the image
# docs/image.md says how it is run.
ARG BUILD_IMAGE=swift:6.3-bookworm
ARG RUN_IMAGE=debian:bookworm-slim

# All but the program.
FROM ${RUN_IMAGE} AS base
RUN apt-get -q update \
    && apt-get -q -y install --no-install-recommends \
        ca-certificates git libgit2-1.5 libsqlite3-0 libstdc++6 openssh-client tini tzdata zlib1g \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/reconcile --shell /usr/sbin/nologin reconcile \
    && install -d -o reconcile -g reconcile -m 700 /var/lib/reconcile \
    && install -d -m 755 /etc/reconcile
USER 10001
WORKDIR /etc/reconcile
VOLUME /var/lib/reconcile
# Two arenas: with more, glibc keeps memory that the loop gave back.
ENV RECONCILE_STATE=/var/lib/reconcile HOME=/var/lib/reconcile MALLOC_ARENA_MAX=2
# Healthy is a loop whose process answers. It says nothing of the environments: `reconcile status` does.
HEALTHCHECK --interval=1m --timeout=10s --start-period=1m CMD ["reconcile", "status", "--live"]
# tini is the first process: it buries what commands leave behind.
ENTRYPOINT ["tini", "--", "reconcile"]
CMD ["run"]

FROM ${BUILD_IMAGE} AS build
RUN apt-get -q update \
    && apt-get -q -y install --no-install-recommends libgit2-dev libsqlite3-dev pkg-config zlib1g-dev \
    && apt-get clean && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# The packages first: they change seldom and are fetched once.
COPY Package.* ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib --product reconcile \
    && install -s -m 755 .build/release/reconcile /usr/local/bin/reconcile

FROM base
COPY --from=build /usr/local/bin/reconcile /usr/local/bin/reconcile
