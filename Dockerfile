# The service: built in one stage, run in another that holds only the libraries it needs.
FROM debian:12-slim AS build
WORKDIR /source
COPY tools/packages.run tools/
RUN apt-get update && grep -vE '^(#|curl$|postgresql)' tools/packages.run | \
    DEBIAN_FRONTEND=noninteractive xargs apt-get install -y --no-install-recommends && rm -rf /var/lib/apt/lists/*
COPY . .
RUN meson setup /build --buildtype=release && ninja -C /build elinvoima && strip /build/elinvoima

FROM debian:12-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates \
    libcurl3-gnutls libgmp10 libjansson4 libjwt0 libmicrohttpd12 libpcre2-8-0 libpng16-16 libpq5 libssl3 libturbojpeg0 libulfius2.7 libutf8proc2 \
    libwebp7 libwebpdemux2 libxml2 && \
    rm -rf /var/lib/apt/lists/* && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin elinvoima
COPY --from=build /build/elinvoima /usr/local/bin/elinvoima
USER 10001:10001
ENV ELINVOIMA_LISTEN=0.0.0.0:8080 ELINVOIMA_ADMIN_LISTEN=127.0.0.1:8081
EXPOSE 8080
STOPSIGNAL SIGTERM
# bash and grep are in every Debian image; nothing else need be there to ask
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8081 && printf 'GET /livez HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["elinvoima"]
CMD ["serve"]
