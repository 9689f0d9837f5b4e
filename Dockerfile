# Build with the whole toolchain, run with nothing but the binary.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin badgecast

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 badgecast && install -d -o badgecast -g badgecast -m 0700 /data
COPY --from=build /src/target/release/badgecast /usr/local/bin/badgecast
USER badgecast
VOLUME /data
EXPOSE 8080 1883
ENTRYPOINT ["badgecast"]
CMD ["serve"]
