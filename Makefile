# The habits of this project. `make test` is all the CI runs.
.PHONY: demo test check bench fuzz docs screenshots setup

# What people see first: a server, a fleet, an announcement and a wall of badges.
demo:
	cargo run --release -- demo

# Everything: format, lints, dependency rules, unit and end-to-end tests over real sockets with real clients.
test: setup
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets --locked -- -D warnings
	cargo deny --locked --log-level error check bans licenses sources
	cargo tree --locked --package badgecast --edges normal,features >target/features
	! grep 'feature "faults"' target/features
	docker-compose --file docker-compose.yml config --quiet
	cargo nextest run --release --workspace --locked
	scripts/clients
	cargo run --release --locked -- demo --once --json --badges 200

# Fast, for the desk: format, lints, unit tests.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace --lib

# Longer measurements, the race begins no round after 25 minutes; what docs/performance.md says comes from here. RACE has the words of the
# race (broker/benches/race/main.rs): other sizes, --with rumqttd, --rounds, --minutes.
RACE = 1000 5000 10000 18000 --tls 5000 --receipts 10000 --markdown
bench:
	cargo build --release --locked --bins
	cargo bench --locked -p badgecast-broker --bench race -- $(RACE)
	cargo bench --locked --workspace --exclude badgecast-broker --bench '*'

# Ten million hostile packets and sessions.
fuzz:
	BADGECAST_FUZZ_INPUTS=10000000 cargo test --release -p badgecast-broker --lib --locked fuzz

# The API reference that is checked in, written again from the code.
docs:
	cargo run --release -- openapi > api/openapi.json

# Every page of the console in a real browser: all into target/screenshots, the README's into docs/screenshots.
screenshots: setup
	cargo build --release --locked
	node clients/browser/screenshots.mjs

# Installs what the tests need and the machine lacks.
setup:
	@scripts/setup
